// Builds drafts around one goal operation: its arguments, the lookups that they need, the conditions left for here.

import { asType, bind } from '../answer/jsonata.ts';
import { isOrdered } from '../answer/result.ts';
import { siftings, strictly } from '../intent/conditions.ts';
import { headline } from '../intent/headline.ts';
import { type Term, words } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import { type Assignment, alone, assign } from './assign.ts';
import { waysTo } from './chain.ts';
import { type Draft, draftId, type Scope, type Step } from './draft.ts';
import { tune } from './tune.ts';

type Base = {
  readonly operation: Operation;
  readonly scope: Scope;
  readonly catalog: Catalog;
  readonly before: readonly Step[];
};

type Branch = { assigned: Assignment; steps: readonly Step[]; missing: readonly Slot[]; doubt: number };

/** Drafts for one operation that are looked at. */
const DRAFTS = 8;

/**
 * Drafts that end in an operation, one for each promising assignment and way to come by what it needs.
 * @param before steps of earlier clauses, whose outputs may be used
 */
export function compose(operation: Operation, scope: Scope, catalog: Catalog, before: readonly Step[]): Draft[] {
  const base = { operation, scope, catalog, before };
  const assigned = assign({ operation, scope, catalog, before }).slice(0, DRAFTS);
  return assigned
    .flatMap((one) => {
      let branches: Branch[] = [{ assigned: one, steps: one.steps, missing: [], doubt: one.doubt }];
      for (const slot of one.open) branches = branches.flatMap((branch) => extend(branch, slot, base)).slice(0, DRAFTS);
      return branches;
    })
    .map((branch) => draftOf(branch, base));
}

/** What is required and no value told: a text in the words of the intent, or an id that other calls bring. */
function extend(branch: Branch, slot: Slot, { operation, scope, catalog, before }: Base): Branch[] {
  const { assigned } = branch;
  const lost = { ...branch, missing: [...branch.missing, slot] };
  if (slot.use !== 'id') {
    const text = headline(slot, operation, scope);
    if (text === undefined) return [lost];
    const fill = { slot, value: text.value, used: [], said: text.said, sure: 0.5 };
    return [
      { ...branch, assigned: { ...assigned, fills: [...assigned.fills, fill] }, doubt: branch.doubt + text.doubt },
    ];
  }
  // A name goes only where the words beside it let it: that was weighed already.
  const free = scope.free.filter(
    (value) => !assigned.used.includes(value) && !/^(?:name|quoted|email)$/.test(value.kind),
  );
  const taken = [...before, ...branch.steps];
  const made = waysTo(slot, operation, { scope: { ...scope, free }, catalog, taken, depth: 0, told: alone })
    .slice(0, 5)
    .map((way): Branch => {
      const fill = { slot, value: bind(asType(way.id, way.type, slot.shape.type)), used: way.used, said: [], sure: 1 };
      return {
        ...branch,
        steps: [...branch.steps, ...way.steps.filter((step) => !taken.some(({ id }) => id === step.id))],
        assigned: { ...assigned, fills: [...assigned.fills, fill], used: [...assigned.used, ...way.used] },
        doubt: branch.doubt + way.doubt,
      };
    });
  return made.length > 0 ? made : [lost];
}

function draftOf({ assigned, steps, missing, doubt }: Branch, { operation, scope }: Base): Draft {
  const goal: Step = {
    id: draftId(operation, `goal ${scope.clause.at}`),
    operation,
    purpose: 'goal',
    args: assigned.fills.map(({ slot, value }) => ({ slot, value })),
    filled: assigned.fills,
    reason: operation.tool.title ?? scope.clause.text.trim().slice(0, 200),
  };
  const told = new Set(assigned.fills.flatMap(({ said }) => said));
  const sifted = scope.writes ? [] : siftings(operation, scope, told);
  const strict = scope.writes
    ? []
    : assigned.fills.flatMap(({ slot, used }) => used.flatMap((value) => strictly(value, slot.names, operation) ?? []));
  const predicates = [...assigned.predicates, ...sifted.map(({ predicate }) => predicate)];
  tune(goal, scope, predicates.length + strict.length > 0);
  const draft: Draft = {
    steps: [...steps, goal],
    goal,
    used: new Set(assigned.used),
    missing,
    said: new Set(sifted.flatMap(({ said }) => said)),
    denied: new Set(sifted.flatMap(({ denied }) => denied ?? [])),
    conditions: [...predicates, ...strict],
    doubt: doubt + 0.4 * sifted.length,
    narrowed: predicates.length === 0,
    sure: assigned.sure,
  };
  return { ...draft, said: new Set([...draft.said, ...picked(draft, scope)]) };
}

/** Words that an order or a number of rows stands for. */
function picked(draft: Draft, { clause }: Scope): Term[] {
  const { top, count } = clause.picking;
  const cut = [
    ...(top !== undefined && isOrdered(draft, clause.picking) ? words(top.said) : []),
    ...(count ? ['how many', 'number', 'count'] : []),
  ];
  return clause.topics.flatMap(({ term }) => (cut.includes(term.text) ? [term] : []));
}
