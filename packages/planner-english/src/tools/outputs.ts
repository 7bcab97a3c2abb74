// What a tool returns: its rows, its fields, and where ids of other things can be read.
import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { readsOnly } from '@errand/plan';
import { distinct, type Term, terms, words } from '../lexicon/words.ts';
import { isNumeric, type Shape, shapeOf } from './shape.ts';
import { ownTerms, spelling } from './spelling.ts';

export type Field = {
  /** Names from the row or the object down to the value. */
  path: readonly string[];
  name: string;
  names: readonly Term[];
  about: readonly Term[];
  shape: Shape;
  /** Texts that it has in rows that were looked at, in small letters. */
  seen?: ReadonlySet<string>;
};

export type Rows = {
  /** Names from the output down to the array; empty when the output is the array. */
  path: readonly string[];
  names: readonly Term[];
  fields: readonly Field[];
};

export type Outline = {
  /** The list that the tool is there to return, when it returns one. */
  rows?: Rows;
  /** Every array of objects within the output. */
  lists: readonly Rows[];
  /** Values of the output itself, arrays aside. */
  fields: readonly Field[];
  /** The field with the number of all matches over every page. */
  total?: Field;
};

const ROW_WORDS =
  /^(?:items?|results?|records?|data|entries|rows?|list|values?|elements?|hits|content|collection|objects|resources|page|found|matches)$/i;
const PAGING =
  /^(?:total|count|pages?|next|prev|previous|has|more|limit|offset|cursor|size|links?|meta|pagination|per|number|results|items|index|start|skip|token|first|last|kind|object|url|status|success|ok|overall|hits|sum|grand|of|records|all|amount|current|after|before|truncated|took|self|id|dates|matching|entries|rows|available|quantity|in)$/i;

/** The outline of what a successful call returns; nothing is known when the document does not say. */
export function outlineOf(tool: ToolSpec): Outline {
  const root = tool.outputSchema;
  const lists: Rows[] = [];
  const fields: Field[] = [];
  const visit = (schema: JsonSchema, path: string[], depth: number) => {
    const shape = shapeOf(schema, root!);
    const element = shape.type === 'array' && shape.items ? shapeOf(shape.items, root!) : undefined;
    if (element?.type === 'object')
      lists.push({ path, names: terms(path.at(-1) ?? ''), fields: fieldsOf(element, root!, []) });
    else if (!element && Object.keys(shape.properties).length > 0 && depth < 4)
      for (const [key, inner] of Object.entries(shape.properties)) visit(inner, [...path, key], depth + 1);
    else if (path.length > 0) fields.push(field(path, shape));
  };
  if (root !== undefined) visit(root, [], 0);
  const rows = mainRows(tool, lists, fields);
  return { rows, lists, fields, total: rows && totalOf(fields) };
}

const field = (path: readonly string[], shape: Shape): Field => ({
  path,
  name: path.at(-1)!,
  names: distinct([...path.slice(-2).flatMap(ownTerms), ...spelling(path.at(-1)!, shape.description)]),
  about: terms(shape.description),
  shape,
});

const fieldsOf = (shape: Shape, root: JsonSchema, path: readonly string[]): Field[] =>
  Object.entries(shape.properties).flatMap(([key, schema]) => {
    const inner = shapeOf(schema, root);
    const isObject = Object.keys(inner.properties).length > 0 && path.length < 2;
    return isObject ? fieldsOf(inner, root, [...path, key]) : [field([...path, key], inner)];
  });

function mainRows(tool: ToolSpec, lists: readonly Rows[], fields: readonly Field[]): Rows | undefined {
  const shallow = lists.filter(({ path }) => path.length <= 2);
  const plain =
    shallow.find(({ path }) => path.length === 0) ?? shallow.find(({ path }) => ROW_WORDS.test(path.at(-1)!));
  if (plain !== undefined || shallow.length !== 1) return plain;
  const collection =
    !/\}$/.test(tool.path ?? '') && (tool.method === undefined || tool.method === 'GET' || readsOnly(tool));
  const isEnvelope = ({ name, shape }: Field) =>
    shape.type === 'boolean' || words(name).every((word) => PAGING.test(word));
  return collection && fields.every(isEnvelope) ? shallow[0] : undefined;
}

const TOTAL =
  /^(?:total|count|total_?(?:count|results|items|records|elements|hits)|hits|overall|grand_?total|num_?found)$/i;

function totalOf(fields: readonly Field[]): Field | undefined {
  const counts = fields.filter(({ shape }) => isNumeric(shape));
  const isTold = ({ shape, name }: Field) =>
    !/pages?$/i.test(name) &&
    /\b(?:in all|in total|over every page|total number|matching|how many)\b/i.test(shape.description);
  return counts.find(({ name }) => TOTAL.test(name)) ?? counts.find(isTold);
}
