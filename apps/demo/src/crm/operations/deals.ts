import { cents, type Deal, insert } from '../data.ts';
import { operation } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { checkReferences, find, type Paging, page, paging, remove, timestamp, where } from '../rows.ts';

const TAG = 'Deals';
const { accountId, ownerId, stage, currency } = PROPERTIES.Deal;
type Create = Omit<Deal, 'id' | 'createdAt'>;
type Filter = Paging &
  Partial<Pick<Deal, 'accountId' | 'ownerId' | 'stage'>> & {
    minAmount?: number;
    maxAmount?: number;
    closeDateFrom?: string;
    closeDateTo?: string;
    sortBy: 'createdAt' | 'amount' | 'closeDate';
    order: 'asc' | 'desc';
  };

export const deals = [
  operation<Filter>({
    id: 'listDeals',
    method: 'GET',
    path: '/deals',
    tag: TAG,
    summary: 'List deals',
    description:
      'Finds deals by account, owner, stage, amount or closing day. Filters combine: a deal must meet all of them.',
    query: {
      accountId,
      ownerId,
      stage,
      minAmount: { type: 'number', minimum: 0, description: 'Only deals of this amount or more.', example: 50000 },
      maxAmount: { type: 'number', minimum: 0, description: 'Only deals of this amount or less.', example: 250000 },
      closeDateFrom: {
        type: 'string',
        format: 'date',
        description: 'Only deals that close on this day or later.',
        example: '2024-01-01',
      },
      closeDateTo: {
        type: 'string',
        format: 'date',
        description: 'Only deals that close on this day or earlier.',
        example: '2024-03-31',
      },
      sortBy: {
        type: 'string',
        enum: ['createdAt', 'amount', 'closeDate'],
        default: 'createdAt',
        description: 'Field to sort by.',
        example: 'amount',
      },
      order: {
        type: 'string',
        enum: ['asc', 'desc'],
        default: 'asc',
        description: 'Direction of the sorting.',
        example: 'desc',
      },
      ...paging,
    },
    answer: 'DealPage',
    handle: (data, { query }) => {
      const { accountId, ownerId, stage, minAmount = 0, maxAmount = Number.POSITIVE_INFINITY } = query;
      const { closeDateFrom = '0000', closeDateTo = '9999', sortBy, order, ...at } = query;
      const found = where(data.deals, { accountId, ownerId, stage }).filter(
        ({ amount, closeDate }) =>
          amount >= minAmount && amount <= maxAmount && closeDate >= closeDateFrom && closeDate <= closeDateTo,
      );
      const way = order === 'desc' ? -1 : 1;
      const compare = (a: Deal, b: Deal) =>
        sortBy === 'amount'
          ? cents(a.amount) - cents(b.amount)
          : Number(a[sortBy] > b[sortBy]) - Number(a[sortBy] < b[sortBy]);
      return page(
        found.sort((a, b) => way * compare(a, b)),
        at,
      );
    },
  }),
  operation({
    id: 'getDeal',
    method: 'GET',
    path: '/deals/{dealId}',
    tag: TAG,
    summary: 'Get a deal',
    description: 'Returns one deal by its id.',
    answer: 'Deal',
    errors: [404],
    handle: (data, { id }) => find(data, 'deals', id),
  }),
  operation<unknown, Omit<Create, 'currency'> & Partial<Create>>({
    id: 'createDeal',
    method: 'POST',
    path: '/deals',
    tag: TAG,
    summary: 'Create a deal',
    description: 'Records a new deal of an account.',
    body: 'DealCreate',
    status: 201,
    answer: 'Deal',
    handle: (data, { body }) => {
      checkReferences(data, body);
      return insert(data, 'deals', { currency: currency.default, ...body, createdAt: timestamp() } as Omit<Deal, 'id'>);
    },
  }),
  operation<unknown, Partial<Create>>({
    id: 'updateDeal',
    method: 'PATCH',
    path: '/deals/{dealId}',
    tag: TAG,
    summary: 'Update a deal',
    description: 'Changes some fields of a deal, for example its stage or its owner.',
    body: 'DealUpdate',
    answer: 'Deal',
    errors: [404],
    handle: (data, { id, body }) => {
      const deal = find(data, 'deals', id);
      checkReferences(data, body);
      return Object.assign(deal, body);
    },
  }),
  operation({
    id: 'deleteDeal',
    method: 'DELETE',
    path: '/deals/{dealId}',
    tag: TAG,
    summary: 'Delete a deal',
    description: 'Deletes a deal for good.',
    status: 204,
    errors: [404],
    handle: (data, { id }) => remove(data, 'deals', id),
  }),
];
