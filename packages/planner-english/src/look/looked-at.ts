// What the tools are about, with what rows say that were looked at.
import type { PlanRequest, ToolSpec } from '@errand/contracts';
import type { Said } from '../intent/names.ts';
import { words } from '../lexicon/words.ts';
import { type Catalog, catalogOf, catalogWith } from '../tools/catalog.ts';
import type { Operation } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { knownNames } from './known-names.ts';
import { type SeenField, type SeenList, seenIn } from './seen.ts';

/** Texts that a field has at most so that it counts as one of kinds, and words of each. */
const KINDS = 30;
const WORDS = 3;

/** The catalog, and a reader of names that rows have where an earlier plan only looked. */
export function lookedAt(
  tools: readonly ToolSpec[],
  previous: PlanRequest['previous'],
): { catalog: Catalog; known?: Said['known'] } {
  const catalog = catalogOf(tools);
  if (!previous?.looked) return { catalog };
  const seen = seenIn(previous, catalog.operations);
  const byTool = new Map([...seen].map(([{ tool }, list]) => [tool, list]));
  const looked = new Set([...byTool].flatMap(([tool, { isAll }]) => (isAll ? [tool] : [])));
  const more = (operation: Operation) => withTexts(operation, byTool.get(operation.tool));
  return { catalog: catalogWith(tools, looked, more), known: knownNames(seen, catalog.mentions) };
}

/** An operation with the texts of its fields; those that have few are known to be one of these. */
function withTexts(operation: Operation, seen: SeenList | undefined): Operation {
  const { rows } = operation.outline;
  if (rows === undefined || seen === undefined) return operation;
  const fields = rows.fields.map((field): Field => {
    const own = seen.fields.find((one) => one.field === field);
    if (own === undefined) return field;
    const texts = new Set(own.texts.map((text) => text.toLowerCase()));
    return { ...field, seen: texts, ...(isOfKinds(own, seen) && { shape: { ...field.shape, enum: own.texts } }) };
  });
  const own = { ...rows, fields };
  const lists = operation.outline.lists.map((list) => (list === rows ? own : list));
  return { ...operation, outline: { ...operation.outline, rows: own, lists } };
}

const isOfKinds = ({ field: { name, shape }, texts, isName }: SeenField, { rows }: SeenList): boolean =>
  !isName &&
  shape.type === 'string' &&
  shape.enum === undefined &&
  shape.format === undefined &&
  !/(?:^id|_id|Id|Ids|_ids|no|number)$/.test(name) &&
  texts.length <= KINDS &&
  texts.length * 2 <= rows &&
  texts.every((text) => words(text).length <= WORDS);
