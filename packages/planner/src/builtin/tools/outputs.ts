// What a tool returns: its rows, its fields, and where ids of other things can be read.
import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { allTerms, type Term, terms, words } from '../lexicon/words.ts';
import { readsOnly } from './reads.ts';
import { type Shape, shapeOf } from './shape.ts';
import { spelling } from './spelling.ts';

export type Field = {
  /** Names from the row or the object down to the value. */
  path: readonly string[];
  name: string;
  names: readonly Term[];
  about: readonly Term[];
  shape: Shape;
};

export type Rows = {
  /** Names from the output down to the array; empty when the output is the array. */
  path: readonly string[];
  name: string;
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
  /^(items?|results?|records?|data|entries|rows?|list|values?|elements?|hits|content|collection|objects|resources|page|found|matches)$/i;
const PAGING =
  /^(total|count|page|pages|next|prev|previous|has|more|limit|offset|cursor|size|links?|meta|pagination|per|number|results|items|index|start|skip|token|first|last|kind|object|url|status|success|ok|overall|hits|sum|grand|of|records|all|amount|current|overall|after|before|truncated|took|self|id|dates|matching|entries|rows|available|quantity|in)$/i;

/** The outline of what a successful call returns; undefined when the document does not say. */
export function outlineOf(tool: ToolSpec): Outline {
  const root = tool.outputSchema;
  if (root === undefined) return { lists: [], fields: [] };
  const lists: Rows[] = [];
  const fields: Field[] = [];
  const visit = (schema: JsonSchema, path: string[], depth: number) => {
    const shape = shapeOf(schema, root);
    const name = path.at(-1) ?? '';
    if (shape.type === 'array' && shape.items !== undefined) {
      const element = shapeOf(shape.items, root);
      if (element.type === 'object') lists.push({ path, name, names: terms(name), fields: fieldsOf(element, root, 0) });
      else if (path.length > 0) fields.push(field(path, shape));
      return;
    }
    if (shape.type === 'object' && Object.keys(shape.properties).length > 0 && depth < 4) {
      for (const [key, inner] of Object.entries(shape.properties)) visit(inner, [...path, key], depth + 1);
      return;
    }
    if (path.length > 0) fields.push(field(path, shape));
  };
  visit(root, [], 0);
  const rows = mainRows(tool, lists, fields);
  return { rows, lists, fields, total: rows && totalOf(fields) };
}

const field = (path: readonly string[], shape: Shape): Field => ({
  path,
  name: path.at(-1)!,
  names: [...allTerms(path.slice(-2).join(' ')), ...spelling(path.at(-1)!, shape.description)].filter(
    (one, index, all) => all.findIndex((other) => other.lemma === one.lemma) === index,
  ),
  about: terms(shape.description),
  shape,
});

function fieldsOf(shape: Shape, root: JsonSchema, depth: number, path: readonly string[] = []): Field[] {
  return Object.entries(shape.properties).flatMap(([key, schema]) => {
    const inner = shapeOf(schema, root);
    const at = [...path, key];
    if (inner.type === 'object' && Object.keys(inner.properties).length > 0 && depth < 2) {
      return fieldsOf(inner, root, depth + 1, at);
    }
    return [field(at, inner)];
  });
}

function mainRows(tool: ToolSpec, lists: readonly Rows[], fields: readonly Field[]): Rows | undefined {
  const shallow = lists.filter((list) => list.path.length <= 2);
  const whole = shallow.find((list) => list.path.length === 0);
  if (whole !== undefined) return whole;
  const generic = shallow.find((list) => ROW_WORDS.test(list.name));
  if (generic !== undefined) return generic;
  const [only] = shallow;
  if (only === undefined || shallow.length > 1) return undefined;
  const collection =
    !/\}$/.test(tool.path ?? '') && (tool.method === undefined || tool.method === 'GET' || readsOnly(tool));
  const envelope = fields.every(
    ({ name, shape }) => shape.type === 'boolean' || words(name).every((word) => PAGING.test(word)),
  );
  return collection && envelope ? only : undefined;
}

function totalOf(fields: readonly Field[]): Field | undefined {
  const counts = fields.filter(({ shape }) => shape.type === 'integer' || shape.type === 'number');
  const named = counts.find(({ name }) =>
    /^(total|count|total_?(count|results|items|records|elements|hits)|hits|overall|grand_?total|num_?found)$/i.test(
      name,
    ),
  );
  return (
    named ??
    counts.find(({ shape }) =>
      /\b(in all|in total|over every page|total number|matching|how many)\b/i.test(shape.description),
    )
  );
}
