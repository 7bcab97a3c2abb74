// Functions of all operations: search, paging, checks of references and money.
import { type CrmData, cents, TABLES, type Table } from './data.ts';
import { CrmError } from './operation.ts';
import type { Schema } from './schema.ts';

export type Paging = { limit: number; offset: number };

export const paging: Readonly<Record<string, Schema>> = {
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
    description: 'How many to return at most.',
    example: 20,
  },
  offset: { type: 'integer', minimum: 0, default: 0, description: 'How many to skip.', example: 0 },
};

/** A filter by a part of a name. */
export const namePart = (description: string, example: string) =>
  ({ type: 'string', minLength: 1, description, example }) as const;

/** One page and the number of all rows that matched. */
export const page = <T>(rows: readonly T[], { limit, offset }: Paging) => ({
  rows: rows.slice(offset, offset + limit),
  hits: rows.length,
});

/** Rows whose fields have the values of `equal`; undefined values do not filter. */
export function where<T extends object>(rows: readonly T[], equal: Partial<T>): T[] {
  const conditions = Object.entries(equal).filter(([, value]) => value !== undefined);
  return rows.filter((row) => conditions.every(([name, value]) => row[name as keyof T] === value));
}

/** Whether a name contains a text, ignoring case. */
export const contains = (name: string, piece: string | undefined) =>
  piece === undefined || name.toLowerCase().includes(piece.toLowerCase());

/** @throws CrmError 404 if no row has this id */
export function find<T extends Table>(data: CrmData, table: T, id: string): CrmData[T][number] {
  const row = (data[table] as CrmData[T][number][]).find((candidate) => candidate.id === id);
  if (!row)
    throw new CrmError(404, 'not_found', `There is no ${TABLES[table].noun} with the id "{}".`, { subject: id });
  return row;
}

/** @throws CrmError 400 if the body refers to a missing row, or an amount has more than two decimals */
export function checkReferences(data: CrmData, body: { accountId?: string; ownerId?: string; amount?: number }): void {
  const references = [
    ['accountId', 'accounts', body.accountId],
    ['ownerId', 'users', body.ownerId],
  ] as const;
  for (const [field, table, id] of references) {
    if (id === undefined || data[table].some((row) => row.id === id)) continue;
    throw new CrmError(400, 'unknown_reference', `\`${field}\` names no ${TABLES[table].noun}: "{}".`, {
      subject: id,
      path: field,
    });
  }
  if (body.amount !== undefined && cents(body.amount) / 100 !== body.amount) {
    throw new CrmError(400, 'invalid_request', '`amount` has more than two decimals: {}.', {
      subject: String(body.amount),
      path: 'amount',
    });
  }
}

/** @throws CrmError 404 if no row has this id */
export function remove(data: CrmData, table: Table, id: string): void {
  const row = find(data, table, id);
  const rows: { id: string }[] = data[table];
  rows.splice(rows.indexOf(row), 1);
}

export const timestamp = () => new Date().toISOString();
