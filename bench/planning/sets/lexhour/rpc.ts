import { type Filter, find, kept, nextId, type Operation, Refused, type Row, sorted, type Tables } from '../kit.ts';
import { object, ref, type Schema, text } from '../schemas.ts';
import { found, page } from './document.ts';

/** Id, method of the API and summary. */
type Head = [id: string, name: string, summary: string];

const post = ([id, name, summary]: Head) => ({ id, method: 'post', path: `/rpc/${name}`, summary });

/** Refuses ids that point to nothing. */
function checkIds(tables: Tables, args: Row): void {
  for (const name of ['clientId', 'lawyerId', 'matterId'])
    if (args[name] !== undefined && !tables[`${name.slice(0, -2)}s`]!.some(({ id }) => id === args[name]))
      throw new Refused(422, `There is no ${name} ${String(args[name])}`);
}

export const searches = (
  head: Head,
  [table, answer]: [string, string],
  { filters, orders }: { filters: Filter[]; orders: string[] },
): Operation => ({
  ...post(head),
  body: object({ ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])), ...page(orders) }),
  answer: found(ref(answer)),
  run({ tables, args }) {
    const rows = sorted(kept(tables[table]!, filters, args), args.orderBy);
    const from = Number(args.offset ?? 0);
    return { rows: rows.slice(from, from + Number(args.limit ?? 20)), total: rows.length };
  },
});

/** Table, name of the id in the body, and schema of one thing. */
export type Thing = [table: string, key: string, answer: string];

export const gets = (head: Head, [table, key, answer]: Thing): Operation => ({
  ...post(head),
  body: object({ [`${key}!`]: text('Id of what is asked for') }),
  answer: ref(answer),
  run: ({ tables, body }) => find(tables[table], body[key]),
});

export const changes = (
  head: Head,
  [table, key, answer]: Thing,
  { members = {}, set = {}, only }: { members?: Record<string, Schema>; set?: Row; only?: string[] },
): Operation => ({
  ...post(head),
  body: object({ [`${key}!`]: text('Id of what is changed'), ...members }),
  answer: ref(answer),
  only,
  run({ tables, body }) {
    const { [key]: id, ...given } = body;
    const row = find(tables[table], id);
    if (only && !only.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
    checkIds(tables, given);
    return Object.assign(row, given, set);
  },
});

export const adds = (
  head: Head,
  [table, answer]: [string, string],
  { members, set = {} }: { members: Record<string, Schema>; set?: Row },
): Operation => ({
  ...post(head),
  body: object(members),
  answer: ref(answer),
  run({ tables, body }) {
    checkIds(tables, body);
    const row = { id: nextId(tables[table]!), ...set, ...body };
    tables[table]!.push(row);
    return row;
  },
});
