// "… and who owns them": calls for the things that the rows of the goal refer to.

import { asType, bind, join } from '../answer/jsonata.ts';
import { picked } from '../answer/result.ts';
import { rowsOf } from '../answer/rows.ts';

import type { Clause } from '../intent/intent.ts';
import type { Picking } from '../intent/picking.ts';
import { best, likeness } from '../lexicon/likeness.ts';
import type { Term } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Operation } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { referenceNouns } from '../tools/sources.ts';
import type { Joined, Scope } from './draft.ts';
import { type Draft, draftId, type Step } from './draft.ts';

type Reference = { field: Field; nouns: readonly Term[] };

/** Adds the calls that other clauses and "with their …" ask for; a draft without references stays as it is. */
export function addJoins(
  draft: Draft,
  scope: Scope,
  clauses: readonly Clause[],
  catalog: Catalog,
): { draft: Draft; joined: Joined[] } {
  const { goal } = draft;
  const fields = goal.operation.outline.rows?.fields ?? goal.operation.outline.fields;
  const references = fields
    .map((field) => ({ field, nouns: referenceNouns(field) }))
    .filter(({ nouns }) => nouns.length > 0 && !goal.operation.nouns.some((one) => one.lemma === nouns[0]!.lemma));
  const joined: Joined[] = [];
  let steps = [...draft.steps];
  for (const wanted of wantedOf(scope, clauses)) {
    const found = references
      .map(({ field, nouns }) => ({
        field,
        nouns,
        sure: nouns.reduce((top, noun, index) => Math.max(top, likeness(wanted, noun) * (index === 0 ? 1 : 0.9)), 0),
      }))
      .filter(({ sure, field }) => sure >= 0.54 && !joined.some((one) => one.field === field) && !isFixed(field, goal))
      .sort((a, b) => b.sure - a.sure)[0];
    if (found === undefined || best(wanted, goal.operation.nouns) >= 0.8 || toldAlready(wanted, fields)) continue;
    const getter = getterOf(found.nouns, catalog, goal.operation);
    if (getter === undefined) continue;
    const step = joinStep(getter, found, draft, scope.clause.picking);
    if (step === undefined) continue;
    steps = [...steps, step];
    joined.push({ step, field: found.field, noun: found.nouns[0]! });
  }
  const person = joined.length === 0 && [scope.clause, ...clauses].some(({ text }) => /\bwho(?:m|se)?\b/i.test(text));
  const only = person ? onlyPerson(references, catalog, goal) : undefined;
  const step = only && joinStep(only.getter, only, draft, scope.clause.picking);
  if (only && step) {
    steps = [...steps, step];
    joined.push({ step, field: only.field, noun: only.nouns[0]! });
  }
  // "Who works on it": what the person does to it is told by there being only one.
  const verb =
    joined.length > 0 &&
    /\bwho(?:m|se)?\s+([\p{L}'’]+)/iu
      .exec([scope.clause, ...clauses].map(({ text }) => text).join(' '))?.[1]
      ?.toLowerCase();
  const said = [scope.clause, ...clauses]
    .flatMap(({ topics }) => topics)
    .flatMap(({ term }) => (term.text === verb ? [term] : []));
  return { draft: { ...draft, steps, said: new Set([...draft.said, ...said]) }, joined };
}

/** "Who …" in words that no field has: the one person that the rows refer to, when there is just one. */
function onlyPerson(references: readonly Reference[], catalog: Catalog, goal: Step) {
  const people = references.flatMap((reference) => {
    const getter = isFixed(reference.field, goal) ? undefined : getterOf(reference.nouns, catalog, goal.operation);
    return getter && isPerson(getter) ? [{ ...reference, getter }] : [];
  });
  return people.length === 1 ? people[0] : undefined;
}

/** What has a mail address of its own and a name is taken for a person. */
const isPerson = ({ outline }: Operation): boolean =>
  outline.fields.some(({ name, shape }) => shape.format === 'email' || /^e-?mail/i.test(name)) &&
  outline.fields.some(({ name }) => /name$/i.test(name));

/** Words that ask for more than the goal itself: those of joining clauses, and after "with", "and", "including". */
function wantedOf(scope: Scope, clauses: readonly Clause[]): Term[] {
  const { clause } = scope;
  const more = /\b(?:with|and|including|along with|plus|as well as|their|its)\b/gi;
  const starts = [...clause.text.matchAll(more)].map((match) => match.index + clause.at);
  const inside = clause.topics
    .filter(({ at, weight }) => weight >= 0.5 && starts.some((start) => at > start && at - start < 40))
    .map(({ term }) => term);
  const outside = clauses.flatMap(({ topics, picking }) => [...topics.map(({ term }) => term), ...picking.asks]);
  return [...outside, ...inside, ...clause.picking.asks];
}

/** The rows already tell it: `ownerName`, `assignee` as text. */
const toldAlready = (wanted: Term, fields: readonly Field[]) =>
  fields.some(
    (field) =>
      referenceNouns(field).length === 0 &&
      field.shape.type === 'string' &&
      likeness(wanted, field.names[0] ?? wanted) >= 0.8 &&
      field.names.length > 0 &&
      !/date|time/.test(field.shape.format ?? ''),
  );

/** All rows refer to the same thing, because the call asked for that. */
const isFixed = (field: Field, goal: Step) =>
  goal.args.some(({ slot }) => slot.name === field.name && slot.use === 'id');

function getterOf(nouns: readonly Term[], catalog: Catalog, goal: Operation): Operation | undefined {
  return catalog.operations
    .filter((operation) => operation.reads && operation !== goal && operation.action === 'get')
    .map((operation) => {
      const needs = operation.slots.filter(({ required }) => required);
      const [slot] = needs;
      if (needs.length !== 1 || slot?.use !== 'id') return { operation, sure: 0 };
      // The last part of the path decides: `/users/{id}` and not `/users/{id}/orders`.
      const own = operation.single && (operation.tool.path === undefined || operation.tool.path.endsWith('}'));
      const kinds = [...slot.noun, ...operation.nouns];
      return {
        operation,
        sure: own ? nouns.reduce((top, noun, index) => Math.max(top, best(noun, kinds) - index * 0.02), 0) : 0,
      };
    })
    .filter(({ sure }) => sure >= 0.55)
    .sort((a, b) => b.sure - a.sure)[0]?.operation;
}

function joinStep(operation: Operation, { field }: { field: Field }, draft: Draft, picking: Picking): Step | undefined {
  const slot = operation.slots.find(({ required }) => required);
  if (slot === undefined) return undefined;
  const rows = picked(rowsOf(draft), draft, picking);
  const each =
    draft.goal.operation.outline.rows !== undefined && (picking.top === undefined || picking.top.many !== undefined);
  const ids = join(rows, field.path);
  return {
    id: draftId(operation, `join ${field.path.join('.')}`),
    operation,
    purpose: 'join',
    args: [{ slot, value: bind(asType(each ? 'item' : ids, field.shape.type, slot.shape.type)) }],
    filled: [],
    reason: `Get the ${field.names
      .filter(({ text }) => text !== 'id')
      .map(({ text }) => text)
      .join(' ')}`,
    ...(each ? { forEach: `$distinct(${ids})` } : { when: `$exists(${ids})` }),
  };
}
