import type { Account, Contact } from '../data.ts';
import { CrmError } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { contains, find, namePart, remove, where } from '../rows.ts';

const { industry, region, ownerId } = PROPERTIES.Account;
const accountRows = rowOperations('accounts');
const contactRows = rowOperations('contacts');

export const accounts = [
  accountRows.list<Partial<Pick<Account, 'name' | 'industry' | 'region' | 'ownerId'>>>({
    description:
      'Finds accounts by name, industry, region or owner. Without a filter it returns all accounts, a page at a time.',
    query: {
      name: namePart('Part of the name; upper and lower case are the same.', 'northwind'),
      industry,
      region,
      ownerId,
    },
    rows: (data, { name, ...equal }) => where(data.accounts, equal).filter((account) => contains(account.name, name)),
  }),
  accountRows.get(),
  accountRows.create({ description: 'Records a new account.' }),
  accountRows.update('Changes some fields of an account, for example its owner.'),
  accountRows.delete(
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

export const contacts = [
  contactRows.list<Partial<Pick<Contact, 'accountId' | 'name' | 'email'>>>({
    description: 'Finds the contacts of an account, or a contact by name or email address.',
    query: {
      accountId: PROPERTIES.Contact.accountId,
      name: namePart('Part of the full name.', 'anders'),
      email: PROPERTIES.Contact.email,
    },
    rows: (data, { name, ...equal }) => where(data.contacts, equal).filter((contact) => contains(contact.name, name)),
  }),
  contactRows.get(),
  contactRows.create({ description: 'Records a new contact of an account.' }),
];
