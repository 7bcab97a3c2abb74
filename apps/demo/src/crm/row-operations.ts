// Operations of most tables: list, get, create, update and delete.
import { type CrmData, insert, TABLES, type Table } from './data.ts';
import { type Input, type Operation, operation } from './operation.ts';
import { checkReferences, find, type Paging, page, paging, timestamp } from './rows.ts';
import type { Schema } from './schema.ts';

type RowOf<T extends Table> = CrmData[T][number];
type Body = { accountId?: string; ownerId?: string; amount?: number };
type Lists<T extends Table, Q> = {
  description: string;
  query: Readonly<Record<string, Schema>>;
  /** The matching rows. */
  rows(data: CrmData, query: Omit<Q, keyof Paging>): readonly RowOf<T>[];
};
type Creates<T extends Table, B> = {
  description: string;
  /** The new row; the body itself when absent. */
  row?(body: B, data: CrmData): Omit<RowOf<T>, 'id' | 'createdAt'>;
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export const rowOperations = <T extends Table>(table: T) => ({ ...readsOf(table), ...writesOf(table) });

function namesOf(table: Table) {
  const { noun } = TABLES[table];
  const name = capital(noun);
  const singularName = `${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`;
  const all = { tag: capital(table), path: `/${table}` };
  const byId = { ...all, path: `/${table}/{${noun}Id}`, errors: [404] as const };
  return { noun, name, one: singularName, all, byId };
}

function readsOf<T extends Table>(table: T) {
  const { noun, name, one: singularName, all, byId } = namesOf(table);
  return {
    list: <Q extends object>({ description, query, rows }: Lists<T, Q>): Operation =>
      operation<Paging & Q>({
        ...all,
        id: `list${all.tag}`,
        method: 'GET',
        summary: `List ${table}`,
        description,
        query: { ...query, ...paging },
        answer: `${name}Page`,
        handle: (data, { query: { limit, offset, ...filters } }) => page(rows(data, filters as Q), { limit, offset }),
      }),
    get: (description = `Returns one ${noun} by its id.`): Operation =>
      operation({
        ...byId,
        id: `get${name}`,
        method: 'GET',
        summary: `Get ${singularName}`,
        description,
        answer: name,
        handle: (data, { id }) => find(data, table, id),
      }),
  };
}

function writesOf<T extends Table>(table: T) {
  const { name, one: singularName, all, byId } = namesOf(table);
  return {
    create: <B extends Body>({ description, row = (body: B) => body as never }: Creates<T, B>): Operation =>
      operation<unknown, B>({
        ...all,
        id: `create${name}`,
        method: 'POST',
        summary: `Create ${singularName}`,
        description,
        body: `${name}Create`,
        status: 201,
        answer: name,
        handle: (data, { body }) => {
          checkReferences(data, body);
          return insert(data, table, { ...row(body, data), createdAt: timestamp() } as Omit<RowOf<T>, 'id'>);
        },
      }),
    update: (description: string): Operation =>
      operation<unknown, Body>({
        ...byId,
        id: `update${name}`,
        method: 'PATCH',
        summary: `Update ${singularName}`,
        description,
        body: `${name}Update`,
        answer: name,
        handle: (data, { id, body }) => {
          const row = find(data, table, id);
          checkReferences(data, body);
          return Object.assign(row, body);
        },
      }),
    delete: (
      description: string,
      handle: (data: CrmData, input: Input) => unknown,
      errors: Operation['errors'] = byId.errors,
    ): Operation =>
      operation({
        ...byId,
        id: `delete${name}`,
        method: 'DELETE',
        summary: `Delete ${singularName}`,
        description,
        status: 204,
        errors,
        handle,
      }),
  };
}
