import { type Filter, kept, type Operation, sorted } from '../kit.ts';
import type { Paging } from '../rest.ts';
import { list, object, oneOf } from '../schemas.ts';
import { cut, found, PAGE } from './document.ts';

export const paging: Paging = { query: [], answer: (item) => found(String(item.$ref).split('/').at(-1)!), cut };

/** Puts what an operation answers under a name. */
export const wrapped = (name: string, operation: Operation): Operation => ({
  ...operation,
  answer: object({ [`${name}!`]: operation.answer! }),
  run: (call) => ({ [name]: operation.run(call) }),
});

export const among = (name: string, words: string, values: string[]): Filter => ({
  name,
  schema: list({ type: 'string', enum: values }, words),
  keeps: (row, value) => (value as string[]).includes(String(row.status)),
});

/** A POST that reads: all members of its body are optional. */
export const searches = (
  [id, path, summary]: [string, string, string],
  [table, answer]: [string, string],
  [filters, orders]: [Filter[], string[]],
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  body: object({
    ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])),
    sort: oneOf(`Order of the items; a minus turns it round. Default: ${orders[0]}`, orders),
    ...PAGE,
  }),
  answer: found(answer),
  run: ({ tables, body }) => cut(sorted(kept(tables[table]!, filters, body), body.sort ?? orders[0]), body),
});
