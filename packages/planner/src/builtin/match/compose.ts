import { best } from '../lexicon/likeness.ts';
// Builds drafts around one goal operation: its arguments, the lookups that they need, the conditions left for here.

import { asType, bind } from '../answer/jsonata.ts';
import { conditionsOf } from '../intent/conditions.ts';
import { headline } from '../intent/headline.ts';
import type { Value } from '../intent/value.ts';
import type { Term } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import { waysTo } from './chain.ts';
import type { Scope, Way } from './draft.ts';
import { type Draft, draftId, type Step } from './draft.ts';
import { fill } from './fill.ts';
import { optionalIds } from './optional-ids.ts';
import { tune } from './tune.ts';

/**
 * Drafts that end in an operation, one for each promising way to come by what it needs.
 * @param before steps of earlier clauses, whose outputs may be used
 */
export function compose(operation: Operation, scope: Scope, catalog: Catalog, before: readonly Step[]): Draft[] {
  const base = { operation, scope, catalog, before };
  const drafts = [draftsWith(base, true)];
  if (scope.free.some(({ kind }) => kind === 'name' || kind === 'quoted')) drafts.push(draftsWith(base, false));
  return drafts.flat();
}

type Base = {
  readonly operation: Operation;
  readonly scope: Scope;
  readonly catalog: Catalog;
  readonly before: readonly Step[];
};

type Branch = {
  steps: readonly Step[];
  args: Step['args'];
  used: readonly Value[];
  missing: readonly Slot[];
  doubt: number;
};

function draftsWith(base: Base, allowNames: boolean): Draft[] {
  const { operation, scope } = base;
  const { filled, open } = fill(operation, scope, allowNames);
  const used = filled.flatMap((one) => one.used);
  let branches: Branch[] = [
    { steps: [], args: filled.map(({ slot, value }) => ({ slot, value })), used, missing: [], doubt: 0 },
  ];
  const needs = [
    ...open,
    ...optionalIds(
      operation,
      scope,
      filled.map(({ slot }) => slot),
    ),
  ];
  for (const slot of needs) {
    branches = branches.flatMap((branch) => extend(branch, slot, base)).slice(0, 8);
  }
  return branches.map((branch) => {
    const goal: Step = {
      id: draftId(operation, `goal ${scope.clause.at}`),
      operation,
      purpose: 'goal',
      args: [...branch.args],
      filled,
      reason: operation.tool.title ?? scope.clause.text.trim().slice(0, 200),
    };
    const conditions = scope.writes ? { predicates: [], used: [] } : conditionsOf(goal, scope, branch.used);
    const guards = branch.args.flatMap(({ value }) => guardOf(value));
    if (guards.length > 0) goal.when = [...new Set(guards)].map((guard) => `$exists(${guard})`).join(' and ');
    tune(goal, scope, conditions.predicates.length > 0);
    return {
      steps: [...branch.steps, goal],
      goal,
      used: new Set([...branch.used, ...conditions.used]),
      missing: branch.missing,
      said: new Set<Term>(),
      denied: new Set<number>(),
      conditions: conditions.predicates,
      // What the service does not check itself it may also leave out of a page.
      doubt: branch.doubt + 0.4 * conditions.used.filter((value) => !branch.used.includes(value)).length,
      narrowed: conditions.used.every((value) => branch.used.includes(value)),
    };
  });
}

/** A call with an id that was looked up is made only when it was found. */
const guardOf = (value: unknown): string[] =>
  typeof value === 'object' &&
  value !== null &&
  '$' in value &&
  typeof value.$ === 'string' &&
  /\bsteps\./.test(value.$) &&
  value.$.length < 1900
    ? [value.$]
    : [];

function extend(branch: Branch, slot: Slot, { operation, scope, catalog, before }: Base): Branch[] {
  const free = scope.free.filter((value) => !branch.used.includes(value));
  const rest: Scope = { ...scope, free };
  const named = (way: Way) => way.used.some(({ kind }) => kind === 'name' || kind === 'quoted' || kind === 'email');
  if (slot.use === 'id') {
    const ways = waysTo(slot, operation, {
      scope: rest,
      catalog,
      taken: [...before, ...branch.steps],
      depth: 0,
    }).filter((way) => slot.required || (named(way) && mayBe(slot, way, scope)));
    const made = ways.slice(0, slot.required ? 5 : 1).map((way) => ({
      steps: [
        ...branch.steps,
        ...way.steps.filter((step) => ![...before, ...branch.steps].some(({ id }) => id === step.id)),
      ],
      args: [...branch.args, { slot, value: bind(asType(way.id, way.type, slot.shape.type)) }],
      used: [...branch.used, ...way.used],
      missing: branch.missing,
      doubt: branch.doubt + way.doubt,
    }));
    if (made.length > 0) return made;
  } else {
    const text = headline(slot, operation, scope);
    if (text !== undefined)
      return [
        {
          ...branch,
          args: [...branch.args, { slot, value: text.value }],
          used: [...branch.used, ...text.used],
          doubt: branch.doubt + text.doubt,
        },
      ];
  }
  return [slot.required ? { ...branch, missing: [...branch.missing, slot] } : branch];
}

/** An optional reference of something that is written is set only when the words beside the name say so. */
function mayBe(slot: Slot, way: Way, scope: Scope): boolean {
  if (!scope.writes) return true;
  const verb = scope.clause.verb === undefined ? [] : [scope.clause.verb];
  return (
    way.used.some((value) =>
      [...value.before.slice(0, 2), ...value.after.slice(0, 1), ...verb].some((one) => best(one, slot.noun) >= 0.75),
    ) || /^(with|for)$/.test(way.used[0]?.preposition ?? '')
  );
}
