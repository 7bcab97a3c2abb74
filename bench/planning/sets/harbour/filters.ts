import { type Filter, same } from '../kit.ts';
import type { Paging } from '../rest.ts';
import { list, object, oneOf, type Schema, text, whole } from '../schemas.ts';
import { dayAt } from './data.ts';

export const TODAY = dayAt(0);
export const NOW = `${TODAY}T09:00:00Z`;

/** Pages by number, with the number of all records. */
export const PAGES: Paging = {
  query: [
    { name: 'page', schema: whole('Page, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Records a page', { minimum: 1, maximum: 50, default: 25 }) },
  ],
  answer: (item: Schema) =>
    object({
      'data!': list(item, 'The records'),
      'page!': whole('Page'),
      'pageSize!': whole('Records a page'),
      'total!': whole('Records in all'),
    }),
  cut(rows, args) {
    const [page, pageSize] = [Number(args.page ?? 1), Number(args.pageSize ?? 25)];
    return { data: rows.slice((page - 1) * pageSize, page * pageSize), page, pageSize, total: rows.length };
  },
};

export const byOwner = same('ownerId', text('Only those of this owner'));
export const byVessel = same('vesselId', text('Only those of this vessel'));
export const state = (what: string, values: string[]): Filter =>
  same('status', oneOf(`Only ${what} in this state`, values));
export const sort = (values: string[]): Filter => ({
  name: 'sort',
  schema: oneOf('Order; a minus turns it round', values),
});
