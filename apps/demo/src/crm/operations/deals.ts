import { cents, type Deal } from '../data.ts';
import { formatted, oneOf, PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { remove, where } from '../rows.ts';

const { accountId, ownerId, stage, currency } = PROPERTIES.Deal;
type Create = Omit<Deal, 'id' | 'createdAt' | 'currency'> & Partial<Pick<Deal, 'currency'>>;
type Filter = Partial<Pick<Deal, 'accountId' | 'ownerId' | 'stage'>> & {
  minAmount?: number;
  maxAmount?: number;
  closeDateFrom?: string;
  closeDateTo?: string;
  sortBy: 'createdAt' | 'amount' | 'closeDate';
  order: 'asc' | 'desc';
};
const amount = (description: string, example: number) =>
  ({ type: 'number', minimum: 0, description, example }) as const;
const rows = rowOperations('deals');

export const deals = [
  rows.list<Filter>({
    description:
      'Finds deals by account, owner, stage, amount or closing day. Filters combine: a deal must meet all of them.',
    query: {
      accountId,
      ownerId,
      stage,
      minAmount: amount('Only deals of this amount or more.', 50000),
      maxAmount: amount('Only deals of this amount or less.', 250000),
      closeDateFrom: formatted('date', 'Only deals that close on this day or later.', '2024-01-01'),
      closeDateTo: formatted('date', 'Only deals that close on this day or earlier.', '2024-03-31'),
      sortBy: { ...oneOf(['createdAt', 'amount', 'closeDate'], 'Field to sort by.', 'amount'), default: 'createdAt' },
      order: { ...oneOf(['asc', 'desc'], 'Direction of the sorting.', 'desc'), default: 'asc' },
    },
    rows: (data, query) => {
      const { minAmount = 0, maxAmount = Number.POSITIVE_INFINITY, ...dated } = query;
      const { closeDateFrom = '0000', closeDateTo = '9999', sortBy, order, ...equal } = dated;
      const matches = where(data.deals, equal).filter(
        ({ amount, closeDate }) =>
          amount >= minAmount && amount <= maxAmount && closeDate >= closeDateFrom && closeDate <= closeDateTo,
      );
      const way = order === 'desc' ? -1 : 1;
      const compare = (a: Deal, b: Deal) =>
        sortBy === 'amount'
          ? cents(a.amount) - cents(b.amount)
          : Number(a[sortBy] > b[sortBy]) - Number(a[sortBy] < b[sortBy]);
      return matches.sort((a, b) => way * compare(a, b));
    },
  }),
  rows.get(),
  rows.create<Create>({
    description: 'Records a new deal of an account.',
    row: (body) => ({ currency: currency.default as Deal['currency'], ...body }),
  }),
  rows.update('Changes some fields of a deal, for example its stage or its owner.'),
  rows.delete('Deletes a deal for good.', (data, { id }) => remove(data, 'deals', id)),
];
