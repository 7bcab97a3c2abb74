import { type Account, insert } from '../data.ts';
import { CrmError, operation } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { checkReferences, contains, find, type Paging, page, paging, remove, timestamp, where } from '../rows.ts';

const TAG = 'Accounts';
const { industry, region, ownerId } = PROPERTIES.Account;
type Filter = Paging & Partial<Pick<Account, 'name' | 'industry' | 'region' | 'ownerId'>>;
type Create = Omit<Account, 'id' | 'createdAt'>;

export const accounts = [
  operation<Filter>({
    id: 'listAccounts',
    method: 'GET',
    path: '/accounts',
    tag: TAG,
    summary: 'List accounts',
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
      ...paging,
    },
    answer: 'AccountPage',
    handle: (data, { query: { name, industry, region, ownerId, ...at } }) =>
      page(
        where(data.accounts, { industry, region, ownerId }).filter((account) => contains(account.name, name)),
        at,
      ),
  }),
  operation({
    id: 'getAccount',
    method: 'GET',
    path: '/accounts/{accountId}',
    tag: TAG,
    summary: 'Get an account',
    description: 'Returns one account by its id.',
    answer: 'Account',
    errors: [404],
    handle: (data, { id }) => find(data, 'accounts', id),
  }),
  operation<unknown, Create>({
    id: 'createAccount',
    method: 'POST',
    path: '/accounts',
    tag: TAG,
    summary: 'Create an account',
    description: 'Records a new account.',
    body: 'AccountCreate',
    status: 201,
    answer: 'Account',
    handle: (data, { body }) => {
      checkReferences(data, body);
      return insert(data, 'accounts', { ...body, createdAt: timestamp() });
    },
  }),
  operation<unknown, Partial<Create>>({
    id: 'updateAccount',
    method: 'PATCH',
    path: '/accounts/{accountId}',
    tag: TAG,
    summary: 'Update an account',
    description: 'Changes some fields of an account, for example its owner.',
    body: 'AccountUpdate',
    answer: 'Account',
    errors: [404],
    handle: (data, { id, body }) => {
      const account = find(data, 'accounts', id);
      checkReferences(data, body);
      return Object.assign(account, body);
    },
  }),
  operation({
    id: 'deleteAccount',
    method: 'DELETE',
    path: '/accounts/{accountId}',
    tag: TAG,
    summary: 'Delete an account',
    description:
      'Deletes an account that has no deals. An account with deals is kept, because its history would be lost.',
    status: 204,
    errors: [404, 409],
    handle: (data, { id }) => {
      find(data, 'accounts', id);
      if (data.deals.some((deal) => deal.accountId === id)) {
        throw new CrmError(409, 'in_use', 'The account "{}" has deals; delete them first.', { subject: id });
      }
      remove(data, 'accounts', id);
    },
  }),
];
