// What rows that were looked at hold: what things are called, and the texts of their fields.

import { isRecord } from '@errand/basics/is-record';
import type { PlanRequest } from '@errand/contracts';
import { path as jsonata } from '../answer/jsonata.ts';
import { identityOf, nameField } from '../match/names/lookup.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { parseBeginning } from './parse-beginning.ts';

/** Rows of one list, texts of one field, and characters of one text that count. */
const MAX_ROWS = 500;
const MAX_TEXT = 80;
/** A list of so many rows may have others, where nobody says so. */
const MAX_UNPAGED = 100;

/** The texts that a field of a list has, each once. */
export type SeenField = { field: Field; at: string; texts: readonly string[]; isName: boolean };
/** `isAll`: whether there are no other rows. */
export type SeenList = { rows: number; isAll: boolean; fields: readonly SeenField[] };
export type Seen = ReadonlyMap<Operation, SeenList>;

/** @param operations of the tools of the request */
export function seenIn(
  { plan, outputs }: NonNullable<PlanRequest['previous']>,
  operations: readonly Operation[],
): Seen {
  const seen = new Map<Operation, SeenList>();
  for (const { id, tool, pages } of plan.steps) {
    const operation = operations.find((one) => one.tool.name === tool);
    const text = outputs[id];
    if (operation === undefined || text === undefined) continue;
    const path = pages === undefined ? (operation.outline.rows?.path ?? []) : [];
    const { value, isWhole } = parseBeginning(text);
    const rows = at(value, path);
    if (!Array.isArray(rows)) continue;
    const isAll = isWhole && rows.length < (pages === undefined ? MAX_UNPAGED : MAX_ROWS);
    seen.set(operation, { rows: rows.length, isAll, fields: fieldsIn(rows.slice(0, MAX_ROWS), operation) });
  }
  return seen;
}

function fieldsIn(rows: readonly unknown[], operation: Operation): SeenField[] {
  const fields = rowFieldsOf(operation);
  const name = nameField(fields);
  const own = fields.flatMap((field): SeenField[] => {
    if (
      !/^(?:string|array|any)$/.test(field.shape.type) ||
      /^(?:date|date-time|time|ur[il])/.test(field.shape.format ?? '')
    )
      return [];
    const texts = rows.flatMap((row) => textsOf(at(row, field.path)));
    return texts.length === 0
      ? []
      : [{ field, at: jsonata(field.path), texts: [...new Set(texts)], isName: field === name }];
  });
  return [...own, ...wholeNames(rows, fields)];
}

/** `first_name` and `last_name` together. */
function wholeNames(rows: readonly unknown[], fields: readonly Field[]): SeenField[] {
  const of = (pattern: RegExp) => fields.find(({ name, path }) => path.length === 1 && pattern.test(name));
  const [first, last] = [of(/^(?:first|given)_?name$/i), of(/^(?:last|family)_?name|surname$/i)];
  if (first === undefined || last === undefined) return [];
  const texts = rows.flatMap((row) => {
    const parts = [first, last].flatMap(({ path }) => textsOf(at(row, path)));
    return parts.length === 2 ? [parts.join(' ')] : [];
  });
  return [{ field: last, at: identityOf(fields, 'name')!, texts: [...new Set(texts)], isName: true }];
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === 'string' && one.trim() !== '' && one.length <= MAX_TEXT ? [one] : [],
  );

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => (isRecord(one) && Object.hasOwn(one, key) ? one[key] : undefined), value);
