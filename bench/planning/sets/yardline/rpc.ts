import { type Filter, find, kept, type Operation, type Row, sorted, type Tables } from '../kit.ts';
import { list, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';

/** Id, path and summary of an operation. */
type Head = [id: string, path: string, summary: string];

/** Table, member of the request, schema, and the member of the answer. */
export type Thing = [table: string, key: string, schema: string, member: string];

/** A POST whose arguments all stand in its body, and that answers under a name. */
function rpc([id, path, summary]: Head, body: Schema, answer: Schema, run: Operation['run']): Operation {
  return { id, method: 'post', path: `/rpc/${path}`, summary, body, answer, run };
}

/** @returns a search by any of the filters; without one it answers all rows */
export function searches(head: Head, [table, schema]: [string, string], filters: Filter[], orders?: string[]) {
  const asked = Object.fromEntries(filters.map(({ name, schema: of }) => [name, of]));
  const body = object({
    ...asked,
    ...(orders && { orderBy: oneOf('Order of the rows; a minus turns it round', orders) }),
    offset: whole('How many rows to skip', { minimum: 0, default: 0 }),
    limit: whole('Number of rows at most', { minimum: 1, maximum: 100, default: 20 }),
  });
  const answer = object({
    'rows!': list(ref(schema), 'Rows found'),
    'total!': whole('Number of rows that the search finds in all'),
  });
  return rpc(head, body, answer, ({ tables, args }) => {
    const rows = sorted(kept(tables[table]!, filters, args), args.orderBy);
    const from = Number(args.offset ?? 0);
    return { rows: rows.slice(from, from + Number(args.limit ?? 20)), total: rows.length };
  });
}

const answerOf = ([, , schema, member]: Thing) => object({ [`${member}!`]: ref(schema) });

export const gets = (head: Head, thing: Thing, words: string): Operation => {
  const [table, key, , member] = thing;
  const body = object({ [`${key}!`]: text(words) });
  return rpc(head, body, answerOf(thing), ({ tables, body: given }) => ({ [member]: find(tables[table], given[key]) }));
};

/** A write; `act` answers the row that it made or changed. */
export const writes = (head: Head, thing: Thing, body: Schema, act: (tables: Tables, given: Row) => Row): Operation =>
  rpc(head, body, answerOf(thing), ({ tables, body: given }) => ({ [thing[3]]: act(tables, given) }));

/** A change of the row that the body names. */
export function changes(head: Head, thing: Thing, body: Schema, act: (row: Row, given: Row, tables: Tables) => Row) {
  const [table, key] = thing;
  return writes(head, thing, body, (tables, given) => {
    const { [key]: id, ...rest } = given;
    const row = find(tables[table], id);
    return Object.assign(row, act(row, rest, tables));
  });
}
