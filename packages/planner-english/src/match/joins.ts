// "… and who owns them": calls for the things that the rows of the goal refer to.
import { asType, bind, join } from '../answer/jsonata.ts';
import { largestPage, withPages } from '../answer/pages.ts';
import { picked } from '../answer/result.ts';
import { rowsOf } from '../answer/rows.ts';
import type { Clause } from '../intent/intent.ts';
import { best, isAmong, isSame, likeness, type Term } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import { fieldsOf, type Operation } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { ownIdOf, referenceNouns } from '../tools/sources.ts';
import { type Draft, draftId, type Joined, type Scope, type Step } from './draft.ts';
import { LOCATED } from './fit/slots.ts';

const ASSIGNED = /assign|responsib|in charge|looks? after|works? on|handle/i;
const WORKS =
  /\bwho(?:['’]s|\s+(?:is|was|has been))?\s+(?:currently\s+)?(?:work(?:s|ing)\s+on|look(?:s|ing)\s+after|handl(?:es|ing)|deal(?:s|ing)\s+with|in\s+charge\s+of|responsible\s+for|doing)\b/i;

const HAVING = /^\s*which\s+(?:of\s+)?(?:(?:our|my|the)\s+)?(\p{L}+)\s+(?:have|has|had|got)\s+(?!no\b)/iu;

/** A field that refers to something. */
type Reference = { field: Field; nouns: readonly Term[] };

/** Adds the calls that other clauses and "with their …" ask for; a draft without references stays as it is. */
export function addJoins(
  draft: Draft,
  scope: Scope,
  clauses: readonly Clause[],
  catalog: Catalog,
): { draft: Draft; joined: Joined[] } {
  const { goal } = draft;
  const { nouns } = goal.operation;
  const fields = fieldsOf(goal.operation);
  const asking = [scope.clause, ...clauses];
  const joined: Joined[] = [];
  const bringerOf = ({ nouns: told }: Reference) =>
    singleOf(told, catalog, goal.operation) ?? listOf(told, catalog, goal.operation);
  const add = (one: Reference, bringer = bringerOf(one)) => {
    const step = bringer && joinStep(bringer, one.field, draft, scope);
    if (step) joined.push({ step, field: one.field, noun: one.nouns[0]! });
  };
  // All rows refer to the same thing where the call asked for that.
  const isFixed = (field: Field) => goal.args.some(({ slot }) => slot.name === field.name && slot.use === 'id');
  const references = fields.flatMap((field): Reference[] => {
    const told = referenceNouns(field);
    const isNone = told.length === 0 || isFixed(field) || nouns.some((one) => one.lemma === told[0]!.lemma);
    return isNone ? [] : [{ field, nouns: told }];
  });
  // Who works on it is not anybody whom it refers to.
  const works = WORKS.exec(scope.clause.text);
  const isAnybody = (one: Term) => works !== null && scope.clause.picking.asks.includes(one);
  for (const wanted of wantedOf(scope, clauses)) {
    if (isAnybody(wanted)) continue;
    const isField = fields.some((one) => referenceNouns(one).length === 0 && isAmong(wanted, one.names));
    if (best(wanted, nouns) >= 0.8 || isField || toldAlready(wanted, fields)) continue;
    const likenessOf = (one: Reference) =>
      Math.max(...one.nouns.map((noun, index) => likeness(wanted, noun) * (index === 0 ? 1 : 0.9)));
    const [found] = references
      .filter((one) => likenessOf(one) >= 0.54 && !joined.some(({ field }) => field === one.field))
      .sort((a, b) => likenessOf(b) - likenessOf(a));
    if (found !== undefined) add(found);
  }
  // "Who is working on it", where one of several people is told to be the one it is assigned to.
  const assigned =
    works && joined.length === 0
      ? references.filter(({ field: { name, shape: told } }) => ASSIGNED.test(`${name} ${told.description}`))
      : [];
  if (assigned.length === 1 && isPerson(bringerOf(assigned[0]!))) add(assigned[0]!);
  // "Who …" in words that no field has: the one person that the rows refer to, when there is just one.
  if (joined.length === 0 && assigned.length === 0 && asking.some(({ text }) => /\bwho(?:m|se)?\b/i.test(text))) {
    const people = references.filter((one) => isPerson(bringerOf(one)));
    if (people.length === 1) add(people[0]!);
  }
  // "Who works on it": what the person does to it is told by there being only one.
  const [, doing, verb] =
    // "Members who joined": what they did.
    /(?:^|[.,;:?!]|\b(?:and|or|know|ask|see|tell|me|with|by|from|for|to|of))\s*who(?:m|se)?\s+((?:is|was)\s+(?=\p{L}+ing\b))?([\p{L}'’]+)/iu.exec(
      asking.map(({ text }) => text).join(' '),
    ) ?? [];
  const said = joined.length === 0 ? [] : asking.flatMap(({ topics }) => topics.map(({ term }) => term));
  const isWork = (text: string) => works?.[0].toLowerCase().split(/\s+/).includes(text) === true;
  const isDone = (one: Term) => one.text === verb?.toLowerCase() && (!doing || catalog.mentions(one));
  const told = said.filter((one) => isDone(one) || isWork(one.text));
  const steps = [...draft.steps, ...joined.map(({ step }) => step)];
  return { draft: { ...draft, steps, said: new Set([...draft.said, ...told]) }, joined };
}

/** What has a mail address or a phone of its own and a name is taken for a person. */
function isPerson(operation: Operation | undefined): boolean {
  const fields = operation === undefined ? [] : fieldsOf(operation);
  return (
    fields.some(({ name, shape }) => shape.format === 'email' || /^(?:e-?mail|phone|mobile)/i.test(name)) &&
    fields.some(({ name }) => /name$/i.test(name))
  );
}

/** Words that ask for more than the goal itself: those of joining clauses, and after "with", "and", "including". */
function wantedOf({ clause }: Scope, clauses: readonly Clause[]): Term[] {
  const more = /\b(?:with|and|including|along with|plus|as well as|their|its)\b/gi;
  const starts = [...clause.text.matchAll(more)].map((match) => match.index + clause.at);
  const inside = clause.topics.filter(
    ({ at, weight }) => weight >= 0.5 && starts.some((start) => at > start && at - start < 40),
  );
  // "Which technicians have a visit tomorrow": those of the visits.
  const [, have] = HAVING.exec(clause.text) ?? [];
  inside.push(...clause.topics.filter(({ term: one }) => one.text === have?.toLowerCase()));
  const outside = clauses.flatMap(({ topics, picking }) => [...topics.map(({ term }) => term), ...picking.asks]);
  const located = /\bwhere\b/i.test(clause.text) ? LOCATED : [];
  return [...outside, ...inside.map(({ term }) => term), ...clause.picking.asks, ...located];
}

/** The rows already tell it: `ownerName`, `assignee` as text. */
const toldAlready = (wanted: Term, fields: readonly Field[]) =>
  fields.some(
    (field) =>
      referenceNouns(field).length === 0 &&
      field.shape.type === 'string' &&
      field.names[0] !== undefined &&
      likeness(wanted, field.names[0]) >= 0.8 &&
      !/date|time/.test(field.shape.format ?? ''),
  );

/** What gets one thing of that name by its id: `/users/{id}` and not `/users/{id}/orders`. */
function singleOf(nouns: readonly Term[], catalog: Catalog, goal: Operation): Operation | undefined {
  const [found] = catalog.operations
    .flatMap((operation) => {
      const { action, tool, single, slots } = operation;
      const [slot, ...more] = slots.filter(({ required }) => required);
      const isOwn = single && tool.path?.endsWith('}') !== false && slot?.use === 'id' && more.length === 0;
      if (action !== 'get' || operation === goal || !isOwn) return [];
      const kinds = [...slot.noun, ...operation.nouns];
      return [{ operation, sure: Math.max(...nouns.map((noun, index) => best(noun, kinds) - index * 0.02)) }];
    })
    .filter(({ sure }) => sure >= 0.55)
    .sort((a, b) => b.sure - a.sure);
  return found?.operation;
}

/** What lists all things of that name, where nothing gets one of them. */
function listOf(nouns: readonly Term[], catalog: Catalog, goal: Operation): Operation | undefined {
  const [found] = catalog.operations.flatMap((operation) => {
    const { action, outline, slots } = operation;
    const isOpen = slots.every(({ required }) => !required);
    if (action !== 'list' || operation === goal || !isOpen || !ownIdOf(outline.rows?.fields ?? [])) return [];
    return operation.nouns.some((one) => nouns.some((noun) => isSame(one, noun))) ? [operation] : [];
  });
  return found;
}

function joinStep(operation: Operation, field: Field, draft: Draft, scope: Scope): Step | undefined {
  const { path, shape, names } = field;
  const { clause } = scope;
  const reason = `Get the ${names.flatMap(({ text }) => (text === 'id' ? [] : [text])).join(' ')}`;
  if (operation.outline.rows !== undefined && !operation.single) {
    const limit = operation.slots.find(({ use }) => use === 'limit');
    return withPages({
      id: draftId(operation, `join ${path.join('.')} of ${draft.goal.id}`),
      operation,
      purpose: 'join',
      filled: [],
      reason,
      args: limit ? [{ slot: limit, value: largestPage(limit) }] : [],
    });
  }
  const { top } = clause.picking;
  const slot = operation.slots.find(({ required }) => required)!;
  const each = draft.goal.operation.outline.rows !== undefined && (top === undefined || top.many !== undefined);
  const ids = join(picked(rowsOf(draft), draft, clause.picking), path);
  return {
    id: draftId(operation, `join ${path.join('.')} of ${draft.goal.id}`),
    operation,
    purpose: 'join',
    args: [{ slot, value: bind(asType(each ? 'item' : ids, shape.type, slot.shape.type)) }],
    filled: [],
    reason,
    ...(each ? { forEach: `$distinct(${ids})` } : { when: `$exists(${ids})` }),
  };
}
