import { type Filter, find, kept, nextId, type Operation, Refused, type Row, sorted, type Tables } from './kit.ts';
import { list, object, ref, type Schema } from './schemas.ts';

/** Id, path and summary of an operation. */
type Head = [id: string, path: string, summary: string];

/** How a list is cut into pages. */
export interface Paging {
  query: Filter[];
  answer(item: Schema): Schema;
  cut(rows: Row[], args: Row): unknown;
}

const WHOLE: Paging = {
  query: [],
  answer: (item) => object({ 'data!': list(item, 'The records') }),
  cut: (rows) => ({ data: rows }),
};

/** @returns the table that ids of that name point to, e.g. `berths` for `berthId` */
function tableOf(tables: Tables, name: string): Row[] | undefined {
  const stem = name.replace(/_?id$/i, '');
  return tables[stem.endsWith('y') ? `${stem.slice(0, -1)}ies` : `${stem}s`];
}

function checkIds(tables: Tables, members: Row): void {
  for (const [name, value] of Object.entries(members)) {
    const table = /(_id|Id)$/.test(name) && value !== null ? tableOf(tables, name) : undefined;
    if (table && !table.some(({ id }) => id === value)) throw new Refused(422, `There is no ${name} ${value}`);
  }
}

interface Listing {
  filters?: Filter[];
  paging?: Paging;
  /** the path parameter that narrows the list, and the field it is compared with */
  within?: string;
}

export const lists = (
  [id, path, summary]: Head,
  [table, answer]: [string, string],
  { filters = [], paging = WHOLE, within }: Listing = {},
): Operation => ({
  id,
  method: 'get',
  path,
  summary,
  query: [...filters, ...paging.query],
  answer: paging.answer(ref(answer)),
  run: ({ tables, path: at, args }) => {
    if (within) find(tableOf(tables, within), at[within]);
    const own = tables[table]!.filter((row) => !within || row[within] === at[within]);
    return paging.cut(sorted(kept(own, filters, args), args.sort), args);
  },
});

/** Table, path parameter and schema of one thing, and the field that the parameter is compared with. */
export type Thing = [table: string, key: string, answer: string, field?: string];

export const gets = ([id, path, summary]: Head, [table, key, answer, field]: Thing): Operation => ({
  id,
  method: 'get',
  path,
  summary,
  answer: ref(answer),
  run: ({ tables, path: at }) => find(tables[table], at[key], field),
});

interface Change {
  method?: string;
  body?: Schema;
  /** what it sets by itself */
  set?: Row;
  /** the states in which it is allowed */
  only?: string[];
}

export const changes = (
  [id, path, summary]: Head,
  [table, key, answer, field]: Thing,
  { method = 'post', body, set = {}, only }: Change,
): Operation => ({
  id,
  method,
  path,
  summary,
  body,
  answer: ref(answer),
  only,
  run: ({ tables, path: at, body: given }) => {
    const row = find(tables[table], at[key], field);
    if (only && !only.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
    checkIds(tables, given);
    return Object.assign(row, given, set);
  },
});

interface Addition {
  body: Schema;
  /** members that the body may leave out, and those that it does not have */
  set?: Row;
  within?: string;
  /** the field that is the id */
  key?: string;
}

export const adds = (
  [id, path, summary]: Head,
  [table, answer]: [string, string],
  { body, set = {}, within, key = 'id' }: Addition,
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  body,
  status: 201,
  answer: ref(answer),
  run: ({ tables, path: at, body: given }) => {
    if (within) find(tableOf(tables, within), at[within]);
    checkIds(tables, given);
    const rows = tables[table]!;
    const row = { [key]: nextId(rows, key), ...(within ? { [within]: at[within] } : {}), ...set, ...given };
    rows.push(row);
    return row;
  },
});

export const removes = ([id, path, summary]: Head, [table, key]: [string, string]): Operation => ({
  id,
  method: 'delete',
  path,
  summary,
  run: ({ tables, path: at }) => {
    const rows = tables[table]!;
    rows.splice(rows.indexOf(find(rows, at[key])), 1);
  },
});
