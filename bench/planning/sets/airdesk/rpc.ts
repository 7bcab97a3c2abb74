import { type Filter, find, kept, nextId, type Operation, Refused, type Row, sorted, type Tables } from '../kit.ts';
import { list, object, oneOf, ref, type Schema, whole } from '../schemas.ts';

/** Id and summary of an operation; its path is made from its id. */
type Head = [id: string, path: string, summary: string];

const PAGE = {
  offset: whole('How many records to skip', { minimum: 0 }),
  limit: whole('How many records to answer; 20 if left out', { minimum: 1, maximum: 100 }),
};

interface Search {
  filters: Filter[];
  /** the fields that it can be sorted by */
  order: string[];
}

export const searches = (
  [id, path, summary]: Head,
  [table, answer]: [string, string],
  { filters, order }: Search,
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  description: 'All filters are optional, and records must fit all that are sent.',
  body: object({
    ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])),
    orderBy: oneOf(
      'Field to sort by; a minus turns the order round',
      order.flatMap((field) => [field, `-${field}`]),
    ),
    ...PAGE,
  }),
  answer: object({ 'rows!': list(ref(answer), 'The records'), 'total!': whole('How many records fit') }),
  run({ tables, body }) {
    const rows = sorted(kept(tables[table]!, filters, body), body.orderBy);
    const from = Number(body.offset ?? 0);
    return { rows: rows.slice(from, from + Number(body.limit ?? 20)), total: rows.length };
  },
});

/** Refuses ids that nothing has. */
function checkIds(tables: Tables, body: Row): void {
  for (const [name, value] of Object.entries(body)) {
    const table = name.endsWith('Id') ? tables[`${name.slice(0, -2)}s`] : undefined;
    if (table) find(table, value);
  }
}

interface Change {
  /** the table and the member of the body that tells which row */
  of: [table: string, key: string, answer: string];
  body: Record<string, Schema>;
  set?: Row;
  only?: string[];
}

/** An operation that sets what its body says. */
export const sets = (
  [id, path, summary]: Head,
  { of: [table, key, answer], body, set = {}, only }: Change,
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  body: object(body),
  answer: ref(answer),
  only,
  run({ tables, body: { [key]: wanted, ...given } }) {
    const row = find(tables[table], wanted);
    if (only && !only.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
    checkIds(tables, given);
    return Object.assign(row, given, set);
  },
});

/** An operation that adds a row. */
export const creates = (
  [id, path, summary]: Head,
  [table, answer]: [string, string],
  { body, set }: { body: Record<string, Schema>; set(body: Row): Row },
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  body: object(body),
  status: 201,
  answer: ref(answer),
  run({ tables, body: given }) {
    checkIds(tables, given);
    const rows = tables[table]!;
    rows.push({ id: nextId(rows), ...set(given), ...given });
    return rows.at(-1);
  },
});
