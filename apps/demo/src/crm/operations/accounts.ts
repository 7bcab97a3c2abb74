import type { Account } from '../data.ts';
import { CrmError } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { contains, find, remove, where } from '../rows.ts';

const { industry, region, ownerId } = PROPERTIES.Account;
const rows = rowOperations('accounts');

export const accounts = [
  rows.list<Partial<Pick<Account, 'name' | 'industry' | 'region' | 'ownerId'>>>({
    description:
      'Finds accounts by name, industry, region or owner. Without a filter it returns all accounts, a page at a time.',
    query: {
      name: {
        type: 'string',
        minLength: 1,
        description: 'Part of the name; upper and lower case are the same.',
        example: 'northwind',
      },
      industry,
      region,
      ownerId,
    },
    rows: (data, { name, ...equal }) => where(data.accounts, equal).filter((account) => contains(account.name, name)),
  }),
  rows.get(),
  rows.create({ description: 'Records a new account.' }),
  rows.update('Changes some fields of an account, for example its owner.'),
  rows.delete(
    'Deletes an account that has no deals. An account with deals is kept, because its history would be lost.',
    (data, { id }) => {
      find(data, 'accounts', id);
      if (data.deals.some((deal) => deal.accountId === id)) {
        throw new CrmError(409, 'in_use', 'The account "{}" has deals; delete them first.', { subject: id });
      }
      remove(data, 'accounts', id);
    },
    [404, 409],
  ),
];
