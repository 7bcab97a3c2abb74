import { matching, sorted } from './conditions.ts';
import { evaluate, filled, type Scope } from './expressions.ts';
import { pageOf } from './pages.ts';
import { Refusal } from './refusal.ts';
import type { OperationData, Row, ServiceData, Tables } from './service-data.ts';

/** A request to an operation: the tables, all its arguments, and the members of its body. */
export type Call = { service: ServiceData; operation: OperationData; tables: Tables; args: Row; body: Row };

/** Carries out an operation. @returns its answer */
export async function carryOut(call: Call): Promise<unknown> {
  const { operation } = call;
  if (operation.list) return list(call, operation.list);
  const row = await rowOf(call);
  return operation.answer === undefined ? row : filled(operation.answer, scopeOf(call, row));
}

async function rowOf(call: Call): Promise<Row | undefined> {
  const { get, change, add: added, remove: removed } = call.operation;
  if (added) return add(call, added);
  const table = get ?? change ?? removed;
  const row = table ? theRow(call, table) : undefined;
  await check(call, row);
  if (change) await assign(call, row!);
  if (removed) call.tables[removed]!.splice(call.tables[removed]!.indexOf(row!), 1);
  await changeOthers(call, row);
  return row;
}

async function list(call: Call, table: string): Promise<unknown> {
  const { service, operation, tables, args } = call;
  checkParents(call);
  await check(call);
  const conditions = operation.filter ? ((args[operation.filter] ?? {}) as Row) : args;
  const within = tables[table]!.filter((row) => isWithin(call, row));
  const rows = await matching(within, operation.where ?? {}, { args: conditions, tables });
  const order = args[service.sort ?? 'sort'] ?? operation.order;
  if (operation.answer) return filled(operation.answer, { tables, args, value: rows });
  return pageOf(sorted(rows, order), service.pages[operation.page ?? 'all']!, args);
}

async function add(call: Call, table: string): Promise<Row> {
  const { operation, service, tables } = call;
  checkParents(call);
  checkRefs(call);
  await check(call);
  const key = keyOf(service, table);
  const rows = tables[table]!;
  const parents = Object.fromEntries(parentsOf(operation).map(({ field, value }) => [field, call.args[value]]));
  const stored = { ...parents, ...(await storedOf(call)) };
  const { unique } = operation;
  const same = unique && rows.find((each) => unique.every((field) => each[field] === stored[field]));
  const row = same ? Object.assign(same, stored) : { ...(key && { [key]: nextId(rows, key) }), ...stored };
  if (!same) rows.push(row);
  await changeOthers(call, row);
  return row;
}

async function assign(call: Call, row: Row): Promise<void> {
  checkRefs(call);
  const stored = await storedOf(call, row);
  for (const field of call.operation.unset ?? []) delete row[field];
  Object.assign(row, stored);
}

/** The fields that an operation stores: defaults, members of the request, and fixed values. */
async function storedOf(call: Call, row?: Row): Promise<Row> {
  const { operation, body } = call;
  const { defaults = {}, set = {}, takes = Object.keys(body).filter((name) => name !== operation.id) } = operation;
  const scope = scopeOf(call, row);
  return {
    ...((await filled(defaults, scope)) as Row),
    ...Object.fromEntries(Object.entries(body).filter(([name]) => takes.includes(name))),
    ...((await filled(set, scope)) as Row),
  };
}

async function changeOthers(call: Call, row?: Row): Promise<void> {
  for (const { change, id, set } of call.operation.also ?? []) {
    const scope = scopeOf(call, row);
    const target = find(call, change, await filled(id, scope));
    Object.assign(target, await filled(set, scope));
  }
}

const scopeOf = ({ tables, args }: Call, row?: Row): Scope => ({ tables, args, ...(row && { row }) });

function theRow(call: Call, table: string): Row {
  const row = find(call, table, call.args[call.operation.id ?? '']);
  if (!isWithin(call, row)) throw new Refusal(404, `There is no ${String(call.args[call.operation.id ?? ''])} there`);
  return row;
}

function find({ service, tables }: Call, table: string, id: unknown): Row {
  const key = keyOf(service, table);
  const row = tables[table]?.find((each) => each[key] === id);
  if (!row) throw new Refusal(404, `There is no ${String(id)}`);
  return row;
}

async function check({ operation, tables, args }: Call, row?: Row): Promise<void> {
  for (const [field, values] of Object.entries(operation.only ?? {}))
    if (!values.includes(row?.[field])) throw new Refusal(409, `It is ${String(row?.[field])}`);
  for (const { when, status, error } of operation.checks ?? [])
    if (await evaluate(when, { tables, args, ...(row && { row }) })) throw new Refusal(status, error);
}

/** Refuses members of the body that point to no row. */
function checkRefs(call: Call): void {
  const { refs = {} } = call.service;
  for (const [name, value] of Object.entries(call.body)) {
    const table = name === call.operation.id ? undefined : refs[name];
    if (table && value !== null && !has(call, table, value))
      throw new Refusal(422, `There is no ${name} ${String(value)}`);
  }
}

function checkParents(call: Call): void {
  for (const { value } of parentsOf(call.operation)) {
    const table = call.service.refs?.[value];
    if (table) find(call, table, call.args[value]);
  }
}

const has = ({ service, tables }: Call, table: string, id: unknown): boolean =>
  tables[table]!.some((row) => row[keyOf(service, table)] === id);

/** The fields of a row that name its parent, and the members of the request with their values. */
function parentsOf({ within = {} }: OperationData): { field: string; value: string }[] {
  if (typeof within === 'string') return [{ field: within, value: within }];
  return Object.entries(within).map(([field, value]) => ({ field, value }));
}

const isWithin = ({ operation, args }: Call, row: Row): boolean =>
  parentsOf(operation).every(({ field, value }) => row[field] === args[value]);

const keyOf = ({ keys = {} }: ServiceData, table: string): string => keys[table] ?? 'id';

/** @returns the next id of a table, e.g. `own_031` after `own_030` */
function nextId(rows: Row[], key: string): string {
  const last = rows.map((row) => String(row[key])).sort();
  return (last.at(-1) ?? '0').replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, '0'));
}
