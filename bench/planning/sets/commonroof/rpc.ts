import { type Filter, kept, type Operation, type Row, sorted } from '../kit.ts';
import { list, object, oneOf, ref, type Schema, whole } from '../schemas.ts';

/** @returns the members of a body that filters read */
const membersOf = (filters: Filter[]): Record<string, Schema> =>
  Object.fromEntries(filters.map(({ name, schema }) => [name, schema]));

interface Search {
  table: string;
  answer: string;
  filters: Filter[];
  /** the fields by which the rows may be ordered, the usual one first */
  orders: string[];
}

/** @returns an operation that answers the rows of a table that fit all filters of its body */
export const searches = (id: string, summary: string, { table, answer, filters, orders }: Search): Operation => ({
  id: id.replace('.', '_'),
  method: 'post',
  path: `/rpc/${id}`,
  summary,
  description: 'Fields that are left out do not restrict the rows.',
  body: object({
    ...membersOf(filters),
    orderBy: oneOf(
      `Order of the rows; a minus turns it round. ${orders[0]} if left out`,
      orders.flatMap((field) => [field, `-${field}`]),
    ),
    limit: whole('Maximum number of rows; 20 if left out', { minimum: 1, maximum: 100 }),
    offset: whole('Number of rows to skip', { minimum: 0 }),
  }),
  answer: object({
    'rows!': list(ref(answer), 'The rows'),
    'total!': whole('Number of rows that fit, on all pages'),
  }),
  run({ tables, body }) {
    const rows = sorted(kept(tables[table]!, filters, body), body.orderBy ?? orders[0]);
    const start = Number(body.offset ?? 0);
    return { rows: rows.slice(start, start + Number(body.limit ?? 20)), total: rows.length };
  },
});

type Action = {
  body: Record<string, Schema>;
  answer: string;
  description?: string;
  run: Operation['run'];
};

/** @returns an operation that does one thing with what its body names */
export const does = (id: string, summary: string, { body, answer, ...more }: Action): Operation => ({
  id: id.replace('.', '_'),
  method: 'post',
  path: `/rpc/${id}`,
  summary,
  body: object(body),
  answer: ref(answer),
  ...more,
});

/** @returns what is to be set, without the id that says where */
export const without = (body: Row, key: string): Row =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));
