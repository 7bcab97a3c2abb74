// How well a draft does what was asked: every word and value that it accounts for, less what it does beyond.

import { best, likeness } from '../lexicon/likeness.ts';
import type { Term } from '../lexicon/words.ts';
import { type Catalog, worth } from '../tools/catalog.ts';
import type { Operation } from '../tools/operation.ts';
import type { Draft, Scope, Step } from './draft.ts';

const FOCUS = 1.3;

/** `focus`: how strongly the goal speaks of the first thing that is spoken of. */
export type Score = { total: number; focus: number };

/** How strongly an operation, with what was filled in, speaks of a word. */
function evidence(word: Term, step: Step): number {
  const { operation, filled } = step;
  const { outline } = operation;
  const fields = outline.rows?.fields ?? outline.fields;
  const said = filled.some((one) => one.said.includes(word)) ? 1 : 0;
  return Math.max(
    said,
    best(word, operation.nouns),
    0.95 * best(word, operation.marks),
    0.75 * best(word, operation.parents),
    operation.verb === undefined ? 0 : 0.9 * likeness(word, operation.verb),
    0.7 * filled.reduce((top, { slot }) => Math.max(top, best(word, slot.names)), 0),
    0.7 * outline.lists.reduce((top, list) => Math.max(top, best(word, list.names)), 0),
    0.55 * fields.reduce((top, field) => Math.max(top, best(word, field.names)), 0),
  );
}

/** Rates a draft; the unit is about one word of the intent. */
export function score(draft: Draft, scope: Scope, catalog: Catalog): Score {
  const { clause, intent } = scope;
  let covered = 0;
  for (const { term, weight } of [...clause.topics, ...intent.background]) {
    const sure = draft.steps.reduce(
      (top, step) => Math.max(top, evidence(term, step) * (step === draft.goal ? 1 : 0.85)),
      0,
    );
    covered += weight * worth(catalog, term) * sure;
  }
  const first = clause.topics.find(({ weight }) => weight >= 0.5) ?? clause.topics[0];
  const focus = first === undefined ? 0 : evidence(first.term, draft.goal);
  const strange = draft.steps.reduce((sum, step) => sum + strangeness(step, scope, step === draft.goal), 0);
  const cost = 0.4 * (draft.steps.length - 1) + 5 * draft.missing.length;
  const total =
    covered * 1.4 +
    FOCUS * focus +
    0.5 * draft.sure +
    (scope.writes ? suits(draft.goal.operation, clause.moods, clause.verb, draft.goal) : 0) -
    draft.doubt -
    strange -
    cost;
  return { total, focus };
}

/** What the operation is about and nobody asked for. */
function strangeness(step: Step, scope: Scope, isGoal: boolean): number {
  const { operation, filled } = step;
  const words = [...scope.clause.topics, ...scope.intent.background].map(({ term }) => term);
  const beside = scope.free.flatMap((value) => [...value.before.slice(0, 2), ...value.after.slice(0, 1)]);
  const known = [
    ...words,
    ...beside,
    ...scope.clause.picking.asks,
    ...(scope.clause.verb ? [scope.clause.verb] : []),
    ...filled.flatMap(({ said, slot }) => [...said, ...slot.names]),
  ];
  const strange = (list: readonly Term[], price: number, most: number) =>
    price * Math.min(most, list.filter((one) => best(one, known) < 0.55).length);
  const marks = operation.marks.filter((one) => best(one, [...operation.nouns, ...operation.parents]) < 0.8);
  return (
    strange(operation.nouns, isGoal ? 0.6 : 0.15, 2) +
    strange(operation.parents, isGoal ? 0.3 : 0.05, 3) +
    strange(marks, isGoal ? 0.3 : 0.2, 3)
  );
}

/** How well an operation's action is what the verb asks for; −9 when it is not. */
export function suits(
  operation: Operation,
  moods: Scope['clause']['moods'],
  verb: Term | undefined,
  goal?: Step,
): number {
  const alike = verb === undefined || operation.verb === undefined ? 0 : likeness(verb, operation.verb);
  const exact = alike >= 0.79 ? 1 + alike : 0;
  const order = moods.filter((mood) => mood !== 'read').indexOf(operation.action as 'create');
  // "refund payment 9" is the making of a refund, "comment on it" of a comment.
  const asNoun = operation.action === 'create' && verb !== undefined ? 1.2 * best(verb, operation.nouns) : 0;
  const byClass = order >= 0 && !(operation.action === 'act' && exact === 0) ? 1.3 - 0.3 * order : 0;
  // "close ticket 12" by an update that sets the status to closed.
  const bySet =
    operation.action === 'update' &&
    verb !== undefined &&
    goal?.filled.some(({ said }) => said.some((one) => one.lemma === verb.lemma || one.root === verb.root))
      ? 1.2
      : 0;
  const most = Math.max(exact, byClass, bySet, asNoun >= 0.9 ? asNoun : 0);
  return most === 0 ? -9 : most;
}
