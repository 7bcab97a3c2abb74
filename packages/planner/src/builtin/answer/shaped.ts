// Fits what a plan finds to a wanted schema: fields to properties, rows to arrays, rows to sums, facts of the intent.

import type { Json, JsonSchema } from '@errand/contracts';
import { best, overlap } from '../lexicon/likeness.ts';
import type { Term } from '../lexicon/words.ts';
import type { Draft, Joined, Scope } from '../match/draft.ts';
import { renderPeriod } from '../match/render.ts';
import type { Field } from '../tools/outputs.ts';
import { type Shape, shapeOf } from '../tools/shape.ts';
import { asType, bind, join, output, path, string } from './jsonata.ts';
import { assign, fieldScore, type Wanted, wantedOf } from './mapping.ts';
import { picked } from './result.ts';
import { newestPeriod, rowsOf } from './rows.ts';
import { aggregateOf, groupKeys, isSum } from './totals.ts';

/** A list that the steps bring. */
type Table = { expression: string; names: readonly Term[]; fields: readonly Field[]; main: boolean };
/** An object that the steps bring. */
type Thing = { expression: string; names: readonly Term[]; fields: readonly Field[]; weight: number };

type World = {
  root: JsonSchema;
  tables: readonly Table[];
  things: readonly Thing[];
  scope: Scope;
  rowsWanted: boolean;
  /** The period of the rows when only those of the newest are taken. */
  period?: string;
};

/** The result template for a schema, and how much of what it requires was found (0 … 1). */
export function shapedResult(
  schema: JsonSchema,
  draft: Draft,
  joined: readonly Joined[],
  scope: Scope,
): { result: Json; found: number } {
  const shape = shapeOf(schema, schema);
  const world: World = {
    root: schema,
    scope,
    ...worldOf(draft, joined, scope),
    rowsWanted: wantsRows(shape, schema),
    ...(draft.newest && { period: newestPeriod(draft.newest, `(${rowsOf(draft)})`) }),
  };
  const tally = { wanted: 0, found: 0 };
  const result = build(wantedOf('result', shape), world, tally, true);
  return { result: result ?? null, found: tally.wanted === 0 ? 1 : tally.found / tally.wanted };
}

type Tally = { wanted: number; found: number };

const wantsRows = (shape: Shape, root: JsonSchema): boolean =>
  shape.type === 'array' || Object.values(shape.properties).some((inner) => wantsRows(shapeOf(inner, root), root));

function worldOf(draft: Draft, joined: readonly Joined[], scope: Scope): Pick<World, 'tables' | 'things'> {
  const { goal } = draft;
  const tables: Table[] = [];
  const things: Thing[] = [];
  const { outline } = goal.operation;
  const rows = picked(rowsOf(draft), draft, scope.clause.picking);
  if (outline.rows !== undefined) {
    tables.push({
      expression: rows,
      names: [...goal.operation.nouns, ...outline.rows.names],
      fields: outline.rows.fields,
      main: true,
    });
    things.push({ expression: `(${rows})[0]`, names: goal.operation.nouns, fields: outline.rows.fields, weight: 0.9 });
    things.push({ expression: output(goal.id), names: [], fields: outline.fields, weight: 0.85 });
  } else things.push({ expression: output(goal.id), names: goal.operation.nouns, fields: outline.fields, weight: 1 });
  for (const list of outline.lists)
    if (list !== outline.rows)
      tables.push({
        expression: join(output(goal.id), list.path),
        names: list.names,
        fields: list.fields,
        main: outline.rows === undefined,
      });
  for (const { step, noun } of joined) {
    const { fields } = step.operation.outline;
    if (step.forEach === undefined)
      things.push({ expression: output(step.id), names: [noun, ...step.operation.nouns], fields, weight: 0.8 });
    else tables.push({ expression: output(step.id), names: [noun, ...step.operation.nouns], fields, main: false });
  }
  for (const step of draft.steps) {
    if (step.purpose !== 'lookup') continue;
    const { rows: found, fields } = step.operation.outline;
    const expression = found === undefined ? output(step.id) : `${join(output(step.id), found.path)}[0]`;
    things.push({ expression, names: step.operation.nouns, fields: found?.fields ?? fields, weight: 0.6 });
  }
  return { tables, things };
}

function build(wanted: Wanted, world: World, tally: Tally, top = false): Json | undefined {
  const { shape } = wanted;
  if (shape.enum?.length === 1) return shape.enum[0] as Json;
  if (shape.type === 'object' && Object.keys(shape.properties).length > 0)
    return buildObject(wanted, world, tally, top);
  if (shape.type === 'array') return buildArray(wanted, world, tally);
  if (top && (shape.type === 'object' || shape.type === 'any'))
    return bind(world.tables.find(({ main }) => main)?.expression ?? world.things[0]!.expression);
  tally.wanted++;
  const value = buildScalar(wanted, world);
  if (value !== undefined) tally.found++;
  return value;
}

function buildObject(wanted: Wanted, world: World, tally: Tally, top: boolean): Json {
  const { shape } = wanted;
  const about = top ? undefined : world.things.find(({ names }) => overlap(wanted.names, names) >= 0.75);
  // `account: {…}` is read from the account alone.
  const inner: World =
    about === undefined
      ? world
      : {
          ...world,
          things: [
            about,
            ...world.things.filter((one) => one !== about).map((one) => ({ ...one, weight: one.weight * 0.5 })),
          ],
        };
  const made: Record<string, Json> = {};
  for (const [property, schema] of Object.entries(shape.properties)) {
    const part = wantedOf(property, shapeOf(schema, world.root));
    const isNeeded = shape.required.includes(property);
    const counted = isNeeded ? tally : { wanted: 0, found: 0 };
    const value = build(part, inner, counted);
    if (value !== undefined) made[property] = value;
    else if (isNeeded || part.shape.nullable) made[property] = null;
  }
  return made;
}

function buildArray(wanted: Wanted, world: World, tally: Tally): Json | undefined {
  const item = shapeOf(wanted.shape.items ?? {}, world.root);
  tally.wanted++;
  if (item.type === 'object' && Object.keys(item.properties).length > 0) {
    const chosen = world.tables
      .map((table) => ({ table, ...mapRows(item, table, world, wanted.names) }))
      .map((one) => ({
        ...one,
        score: one.share + 0.5 * overlap(wanted.names, one.table.names) + (one.table.main ? 0.2 : 0),
      }))
      .sort((a, b) => b.score - a.score)[0];
    if (chosen === undefined || chosen.share < 0.34) return undefined;
    tally.found += chosen.share;
    return bind(chosen.expression);
  }
  if (item.type === 'object' || item.type === 'any') {
    const table = [...world.tables].sort(
      (a, b) =>
        overlap(wanted.names, b.names) + Number(b.main) * 0.2 - overlap(wanted.names, a.names) - Number(a.main) * 0.2,
    )[0];
    if (table === undefined) return undefined;
    tally.found++;
    return bind(`[${table.expression}]`);
  }
  const element = { ...wanted, shape: item };
  const column = world.tables
    .flatMap((table) =>
      table.fields.map((field) => ({
        table,
        field,
        score: Math.max(
          fieldScore(element, field),
          overlap(wanted.names, table.names) >= 0.8 && /name|title/i.test(field.name) && field.path.length === 1
            ? 0.75
            : 0,
        ),
      })),
    )
    .sort((a, b) => b.score - a.score)[0];
  if (column === undefined || column.score < 0.5) return undefined;
  tally.found++;
  return bind(`[$distinct(${join(column.table.expression, column.field.path)})]`);
}

/** An array of objects from rows: one object a row, or one a group when the properties ask for sums. */
function mapRows(
  item: Shape,
  table: Table,
  world: World,
  names: readonly Term[],
): { expression: string; share: number } {
  const properties = Object.entries(item.properties).map(([property, schema]) =>
    wantedOf(property, shapeOf(schema, world.root)),
  );
  const plain = properties.filter(({ shape }) => shape.type !== 'object' && shape.type !== 'array');
  const found = assign(plain, table.fields);
  const share = (count: number) => count / Math.max(1, plain.length);
  const grouped = groupKeys(plain, table.fields);
  const fits = [...found.values()].filter(({ score }) => score >= 0.5).length;
  const sumsMissing = plain.some((one) => isSum(one) && (found.get(one)?.score ?? 0) < 0.8);
  const asked = grouped?.keys.some(({ wanted }) => asksFor(wanted, names, world.scope)) === true;
  if (grouped !== undefined && (sumsMissing || asked) && !rowsAreGroups(table)) {
    const keys = grouped.keys.map(({ wanted, field }) => `${string(wanted.name)}: $g.${path(field.path)}`);
    const sums = grouped.sums.map(({ wanted, expression }) => `${string(wanted.name)}: ${expression('$m')}`);
    const parts = grouped.keys.map(({ field }) => path(field.path));
    const at = parts.length === 1 ? parts[0]! : `(${parts.join(' & "|" & ')})`;
    const group = `($k := $; $m := $r[${at} = $k]; $g := $m[0]; {${[...keys, ...sums].join(', ')}})`;
    return {
      expression: `($r := [${table.expression}]; [$distinct($r.${at}).${group}])`,
      share: share(grouped.keys.length + grouped.sums.length),
    };
  }
  const parts = plain.flatMap((one) => {
    const hit = found.get(one);
    if (hit !== undefined)
      return [`${string(one.name)}: ${asType(path(hit.field.path), hit.field.shape.type, one.shape.type)}`];
    return item.required.includes(one.name) ? [`${string(one.name)}: null`] : [];
  });
  return { expression: `[${table.expression}.{${parts.join(', ')}}]`, share: share(fits) };
}

/** `regions: [{region, total}]`, "by region", "per region", "regional breakdown": groups are wanted, not rows. */
function asksFor(key: Wanted, names: readonly Term[], { intent, clause }: Scope): boolean {
  if (overlap(key.names, names) >= 0.75) return true;
  const said = [...clause.topics, ...intent.background.slice(0, 20)].some(({ term }) => best(term, key.names) >= 0.8);
  return said && /\b(?:by|per|each|every|breakdown|broken down|grouped?)\b/i.test(intent.text);
}

/** Rows such as {region, revenue} of a report stand for groups already: they have little beside the key and the number. */
const rowsAreGroups = (table: Table) => table.fields.length <= 4 && !table.fields.some(({ name: own }) => own === 'id');

function buildScalar(wanted: Wanted, world: World): Json | undefined {
  const fact = factOf(wanted, world);
  if (fact !== undefined) return fact;
  const table = world.tables.find(({ main }) => main);
  const fields = world.things.flatMap((thing) =>
    thing.fields.map((field) => ({
      thing,
      field,
      score: fieldScore(wanted, field) * thing.weight + 0.1 * overlap(thing.names, wanted.names),
    })),
  );
  const best1 = fields.sort((a, b) => b.score - a.score)[0];
  const sum = table === undefined ? undefined : aggregateOf(wanted, table.expression, table.fields);
  if (sum !== undefined && (best1 === undefined || world.rowsWanted || sum.score > best1.score))
    return bind(sum.expression);
  if (best1 !== undefined && best1.score >= 0.45)
    return bind(asType(join(best1.thing.expression, best1.field.path), best1.field.shape.type, wanted.shape.type));
  const named = world.things.find(({ names }) => wanted.shape.type === 'string' && overlap(wanted.names, names) >= 0.8);
  const title = named?.fields.find(
    ({ name: own, path: at }) => /^(name|title|full_?name|display_?name|subject)$/i.test(own) && at.length === 1,
  );
  if (named !== undefined && title !== undefined) return bind(join(named.expression, title.path));
  if (sum !== undefined) return bind(sum.expression);
  // The only number of a report is the number that was asked for.
  const numbers = world.things[0]?.fields.filter(({ shape }) => shape.type === 'number') ?? [];
  if (/number|integer/.test(wanted.shape.type) && numbers.length === 1)
    return bind(join(world.things[0]!.expression, numbers[0]!.path));
  return undefined;
}

const PERIOD = /^(?:quarter|month|period|time_?frame)$/i;

/** What the intent itself tells: the quarter that it speaks of. */
function factOf(wanted: Wanted, { scope, period }: World): Json | undefined {
  if (
    period !== undefined &&
    wanted.shape.type === 'string' &&
    wanted.shape.enum === undefined &&
    PERIOD.test(wanted.name)
  )
    return bind(period);
  const value = scope.intent.values.find(({ period }) => period !== undefined);
  if (value?.period === undefined || wanted.shape.format !== undefined) return undefined;
  const grain =
    wanted.names.some(({ lemma }) => /^(quarter|year|month|period|timeframe)$/.test(lemma)) ||
    best(
      wanted.names.at(-1)!,
      scope.clause.topics.map(({ term }) => term),
    ) >= 1;
  return grain && wanted.names.length <= 2 ? renderPeriod(value.period, wanted.shape, wanted.names) : undefined;
}
