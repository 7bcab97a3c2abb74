// Fits what a plan finds to a wanted schema: fields to properties, rows to arrays, figures over rows, facts of the intent.

import type { Json, JsonSchema } from '@errand/contracts';
import type { Clause } from '../intent/intent.ts';
import { plural } from '../lexicon/stem.ts';
import { best, overlap, type Term } from '../lexicon/words.ts';
import type { Draft, Joined, Scope } from '../match/draft.ts';
import { renderPeriod } from '../match/render.ts';
import { rowFieldsOf, thingOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric, type Shape, shapeOf } from '../tools/shape.ts';
import { asType, bind, join, output, path, string } from './jsonata.ts';
import { assign, bestField, figureOf, type Wanted, wantedOf } from './mapping.ts';
import { calledRows, picked, unlessNone } from './result.ts';
import { newestPeriod, rowsOf } from './rows.ts';

/** What the steps bring: an object, or rows. Of things the first ones tell more. */
type Found = { expression: string; names: readonly Term[]; fields: readonly Field[] };

type World = {
  root: JsonSchema;
  tables: readonly Found[];
  things: readonly Found[];
  /** One row is meant. */
  isOne: boolean;
  scope: Scope;
  /** The schema has a place for rows, so that numbers beside it are figures over them. */
  rowsWanted: boolean;
  /** The period of the rows when only those of the newest are taken. */
  period?: string;
  /** How many values the schema needs, and how many were found. */
  tally: { wanted: number; found: number };
};

/** The result template for a schema, and how much of what it requires was found (0 … 1). */
export function shapedResult(
  schema: JsonSchema,
  draft: Draft,
  joined: readonly Joined[],
  scope: Scope,
): { result: Json; found: number } {
  const shape = shapeOf(schema, schema);
  const hasRows = (one: Shape): boolean =>
    one.type === 'array' || Object.values(one.properties).some((inner) => hasRows(shapeOf(inner, schema)));
  const tally = { wanted: 0, found: 0 };
  const period = draft.newest && newestPeriod(draft.newest, `(${rowsOf(draft)})`);
  const world = { root: schema, scope, ...worldOf(draft, joined, scope), rowsWanted: hasRows(shape), period, tally };
  const main = world.tables[0] ?? world.things[0]!;
  const isOpen = /^(?:object|any)$/.test(shape.type) && Object.keys(shape.properties).length === 0;
  const result = isOpen ? bind(main.expression) : build(wantedOf('result', shape), world);
  return { result: result ?? null, found: tally.wanted === 0 ? 1 : tally.found / tally.wanted };
}

function worldOf(draft: Draft, joined: readonly Joined[], scope: Scope) {
  const { goal } = draft;
  const { operation } = goal;
  const { rows, lists, fields } = operation.outline;
  const cut = picked(rowsOf(draft), draft, scope.clause.picking);
  const called = unlessNone(draft, cut, calledRows(goal, scope.clause, cut));
  const all = called === cut ? cut : `(${called})`;
  const { top } = scope.clause.picking;
  const isOne = rows === undefined || called !== cut || (top !== undefined && top.many === undefined);
  const tables: Found[] = [];
  const things: Found[] = [];
  if (rows) {
    tables.push({ expression: all, names: [...operation.nouns, ...rows.names], fields: rows.fields });
    // A fact of one row is no fact of several.
    const several = string(`Several ${plural(thingOf(operation))} fit. Say which one is meant.`);
    const first = isOne ? `(${all})[0]` : `($o := [${all}]; $count($o) > 1 ? $refuse(${several}) : $o[0])`;
    things.push({ expression: first, names: operation.nouns, fields: rows.fields });
  }
  if (goal.pages === undefined) {
    things.push({ expression: output(goal.id), names: rows ? [] : operation.nouns, fields });
    for (const list of lists) if (list !== rows) tables.push({ ...list, expression: join(output(goal.id), list.path) });
  }
  for (const { step, noun } of joined.filter((one) => one.step.all === undefined))
    (step.forEach === undefined ? things : tables).push({
      expression: output(step.id),
      names: [noun, ...step.operation.nouns],
      fields: step.operation.outline.fields,
    });
  return { tables, things, isOne };
}

function build(wanted: Wanted, world: World): Json | undefined {
  const { shape } = wanted;
  if (shape.enum?.length === 1) return shape.enum[0] as Json;
  if (shape.type === 'object' && Object.keys(shape.properties).length > 0) return buildObject(wanted, world);
  world.tally.wanted++;
  const value = shape.type === 'array' ? buildArray(wanted, world) : buildScalar(wanted, world);
  if (value !== undefined) world.tally.found++;
  return value;
}

function buildObject({ shape }: Wanted, world: World): Json {
  const made: Record<string, Json> = {};
  for (const [property, schema] of Object.entries(shape.properties)) {
    const part = wantedOf(property, shapeOf(schema, world.root));
    const isNeeded = shape.required.includes(property);
    const tally = isNeeded ? world.tally : { wanted: 0, found: 0 };
    const value = build(part, { ...world, tally });
    if (value !== undefined || isNeeded || part.shape.nullable) made[property] = value ?? null;
  }
  return made;
}

function buildArray(wanted: Wanted, { tables, root, scope }: World): Json | undefined {
  const item = shapeOf(wanted.shape.items ?? {}, root);
  const likeness = ({ names }: Found) => 0.5 * overlap(wanted.names, names);
  if (item.type === 'object' && Object.keys(item.properties).length > 0) {
    const [chosen] = tables
      .map((table) => ({ ...mapRows(wantedItem(item, root), table, wanted.names, scope), like: likeness(table) }))
      .sort((a, b) => b.share + b.like - a.share - a.like);
    return chosen && chosen.share >= 0.34 ? bind(chosen.expression) : undefined;
  }
  const [table] = [...tables].sort((a, b) => likeness(b) - likeness(a));
  if (item.type === 'object' || item.type === 'any') return table && bind(`[${table.expression}]`);
  const column = table && bestField({ ...wanted, shape: item }, table.fields);
  return column && column.score >= 0.5 ? bind(`[$distinct(${join(table.expression, column.field.path)})]`) : undefined;
}

const wantedItem = (item: Shape, root: JsonSchema) =>
  Object.entries(item.properties)
    .map(([name, schema]) => ({ ...wantedOf(name, shapeOf(schema, root)), isNeeded: item.required.includes(name) }))
    .filter(({ shape }) => shape.type !== 'object' && shape.type !== 'array');

/** An array of objects from rows: one object a row, or one a group when the properties ask for sums. */
function mapRows(
  wanted: readonly (Wanted & { isNeeded: boolean })[],
  { expression, fields }: Found,
  names: readonly Term[],
  scope: Scope,
): { expression: string; share: number } {
  const found = assign(wanted, fields);
  const keys = wanted.flatMap((one) => {
    const hit = isNumeric(one.shape) ? undefined : bestField(one, fields);
    return hit && hit.score >= 0.5 ? [{ ...one, field: hit.field }] : [];
  });
  const sums = wanted.flatMap((one) => {
    const figure = figureOf(one, fields);
    return figure ? [{ ...one, ...figure }] : [];
  });
  // Rows such as {region, revenue} of a report stand for groups already; a row a thing ("name", "id") is no group.
  // Rows have it already when one of their fields is called so.
  const isMissing = (one: Wanted) => (bestField(one, fields)?.score ?? 0) < 0.8;
  const canGroup =
    keys.length > 0 &&
    sums.length > 0 &&
    keys.length + sums.length === wanted.length &&
    (fields.length > 4 || fields.some(({ name }) => name === 'id')) &&
    !keys.some(({ field }) => /^(?:id|name|title|.*_?id|.*Id)$/.test(field.name));
  if (canGroup && (sums.some(isMissing) || keys.some((key) => asksFor(key, names, scope)))) {
    const parts = [
      ...keys.map(({ name, field }) => `${string(name)}: $g.${path(field.path)}`),
      ...sums.map(({ name, over }) => `${string(name)}: ${over('$m')}`),
    ];
    const at = keys.map(({ field }) => path(field.path)).join(' & "|" & ');
    const group = `($k := $; $m := $r[${keys.length === 1 ? at : `(${at})`} = $k]; $g := $m[0]; {${parts.join(', ')}})`;
    return {
      expression: `($r := [${expression}]; [$distinct($r.${keys.length === 1 ? at : `(${at})`}).${group}])`,
      share: 1,
    };
  }
  const parts = wanted.flatMap((one) => {
    const field = found.get(one);
    if (field === undefined) return one.isNeeded ? [`${string(one.name)}: null`] : [];
    return [`${string(one.name)}: ${asType(path(field.path), field.shape.type, one.shape.type)}`];
  });
  return { expression: `[${expression}.{${parts.join(', ')}}]`, share: found.size / Math.max(1, wanted.length) };
}

/** `regions: [{region, total}]`, "by region", "regional breakdown": groups are wanted, not rows. */
function asksFor(key: Wanted, names: readonly Term[], { intent, clause }: Scope): boolean {
  const said = [...clause.topics, ...intent.background.slice(0, 20)].some(({ term }) => best(term, key.names) >= 0.8);
  const isGrouped = /\b(?:by|per|each|every|breakdown|broken down|grouped?)\b/i.test(intent.text);
  return overlap(key.names, names) >= 0.75 || (said && isGrouped);
}

function buildScalar(wanted: Wanted, world: World): Json | undefined {
  const fact = factOf(wanted, world);
  if (fact !== undefined) return fact;
  const [table] = world.tables;
  const figure = table && figureOf(wanted, table.fields);
  const [hit] = world.things
    .flatMap((thing, index) => {
      const found = bestField(wanted, thing.fields);
      const score = (found?.score ?? 0) * (1 - 0.1 * index) + 0.1 * overlap(thing.names, wanted.names);
      return found ? [{ ...found, thing, score }] : [];
    })
    .sort((a, b) => b.score - a.score);
  const isOver = world.rowsWanted || (figure?.isNamed && !world.isOne);
  if (figure && (isOver || (figure.isNamed ? 0.8 : 0.45) > (hit?.score ?? 0)))
    return bind(figure.over(`(${table.expression})`));
  if (hit && hit.score >= 0.45)
    return bind(asType(join(hit.thing.expression, hit.field.path), hit.field.shape.type, wanted.shape.type));
  const named = world.things.find(({ names }) => wanted.shape.type === 'string' && overlap(wanted.names, names) >= 0.8);
  const title = named?.fields.find(({ name, path: at }) => /name$|^(?:title|subject)$/i.test(name) && at.length === 1);
  return named && title && bind(join(named.expression, title.path));
}

/** What the intent itself tells: the quarter that it speaks of. */
function factOf({ shape, name, names }: Wanted, { scope, period }: World): Json | undefined {
  if (shape.type !== 'string' || shape.format !== undefined) return undefined;
  const isPeriod = names.some(({ lemma }) => /^(?:quarter|year|month|period|timeframe)$/.test(lemma));
  if (period !== undefined && shape.enum === undefined && /^(?:quarter|month|period|time_?frame)$/i.test(name))
    return bind(period);
  const value = scope.intent.values.find((one) => one.period !== undefined);
  return value?.period && isPeriod && names.length <= 2 ? renderPeriod(value.period, shape, names) : undefined;
}

/** Rows that hold what an intent names ("{ title, guests }"), or what of it they do not have. */
export function inShape(
  names: readonly string[],
  draft: Draft,
  { picking }: Clause,
): { result: Json } | { missing: string[] } {
  const wanted = names.map((name) => wantedOf(name, shapeOf({}, {})));
  const found = assign(wanted, rowFieldsOf(draft.goal.operation));
  const missing = wanted.flatMap((one) => (found.has(one) ? [] : [one.name]));
  if (missing.length > 0) return { missing };
  const parts = wanted.map((one) => `${string(one.name)}: ${path(found.get(one)!.path)}`);
  return { result: bind(`[(${picked(rowsOf(draft), draft, picking)}).{${parts.join(', ')}}]`) };
}
