import type { Json, Plan, PlanStep } from '@errand/contracts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { expressionsOf, holesOf } from '../template/template.ts';

/** What expressions start from. */
export const ROOTS = new Set(['intent', 'context', 'pairs', 'input', 'now', 'timeZone', 'steps', 'item', 'index']);

/** An expression of a plan and where it stands. `step` is absent for the result. */
export type Site = {
  pointer: string;
  part: 'pages' | 'unless' | 'say' | 'when' | 'forEach' | 'args' | 'result';
  step?: PlanStep;
  expression: string;
  /** It stands in a `$text`. */
  inText?: true;
};

/** What a plan's expressions read, and what follows from it. */
export type Reading = {
  plan: Plan;
  sites: readonly Site[];
  analyses: ReadonlyMap<string, Analysis>;
  /** Steps that must have ended before a step: those it declares and those it names, in plan order. */
  dependencies: ReadonlyMap<string, readonly string[]>;
  /** Of those, the ones whose output a step reads. */
  reads: ReadonlyMap<string, readonly string[]>;
  /** Steps before a step in the plan that may end the plan (`unless`): whether they do is decided before the step starts. */
  guards: ReadonlyMap<string, readonly string[]>;
};

/** Parses all expressions of a plan, in at most one hop. */
export async function readPlan(plan: Plan, sandbox: Sandbox): Promise<Reading> {
  const sites = sitesOf(plan);
  const answers = await sandbox.analyse(sites.map((site) => site.expression));
  const analyses = new Map(sites.map((site, index) => [site.expression, answers[index]!]));
  const stepIds = plan.steps.map((step) => step.id);
  const reads = new Map(
    plan.steps.map((step) => {
      const ofStep = sites.filter((site) => site.step === step);
      return [step.id, ofStep.flatMap((site) => stepsOf(analyses.get(site.expression)))];
    }),
  );
  const dependencies = new Map(
    plan.steps.map((step) => {
      const all = new Set([...(step.dependsOn ?? []), ...reads.get(step.id)!]);
      return [step.id, stepIds.filter((id) => all.has(id))];
    }),
  );
  return { plan, sites, analyses, dependencies, reads, guards: guardsOf(plan, dependencies) };
}

/** The steps with `unless` that stand before each step. One that itself waits for the step is left out: nothing waits in a circle. */
function guardsOf(plan: Plan, dependencies: Reading['dependencies']): Map<string, string[]> {
  const guards = new Map(plan.steps.map(({ id }): [string, string[]] => [id, []]));
  for (const [index, guard] of plan.steps.entries()) {
    if (guard.unless === undefined) continue;
    const awaited = new Set([guard.id]);
    for (const id of awaited) {
      for (const next of [...(dependencies.get(id) ?? []), ...(guards.get(id) ?? [])]) awaited.add(next);
    }
    for (const { id } of plan.steps.slice(index + 1)) if (!awaited.has(id)) guards.get(id)!.push(guard.id);
  }
  return guards;
}

/** The ids of the steps that an expression names. */
export const stepsOf = (analysis: Analysis | undefined): string[] =>
  analysis?.ok ? analysis.steps.map((step) => step.id) : [];

function sitesOf(plan: Plan): Site[] {
  const sites = plan.steps.flatMap((step, index): Site[] => {
    const at = `/steps/${index}`;
    const single = (['unless', 'when', 'forEach'] as const).flatMap((part): Site[] => {
      const binding = step[part];
      return binding === undefined ? [] : [{ pointer: `${at}/${part}`, part, step, expression: binding.$ }];
    });
    const { pages, say = null, args } = step;
    const next = pages ? [{ pointer: `${at}/pages/next`, part: 'pages' as const, step, expression: pages.next.$ }] : [];
    const bindings = (['say', 'args'] as const).flatMap((part) =>
      bindingsIn(part === 'say' ? say : args, `${at}/${part}`).map((site) => ({ ...site, part, step })),
    );
    return [...single, ...next, ...bindings];
  });
  const result = bindingsIn(plan.result ?? null, '/result');
  return [...sites, ...result.map((site) => ({ ...site, part: 'result' as const }))];
}

const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g;

/** The string literals of an expression. */
export const textsIn = (expression: string): string[] =>
  [...expression.matchAll(QUOTED)].map(([, double, single]) => (double ?? single ?? '').replace(/\\(.)/g, '$1'));

const bindingsIn = (template: Json, pointer: string): Pick<Site, 'pointer' | 'expression' | 'inText'>[] =>
  holesOf(template, pointer).flatMap((hole) =>
    expressionsOf(hole).map((expression) => ({
      pointer: hole.pointer,
      expression,
      ...(hole.kind === 'text' && { inText: true as const }),
    })),
  );

/** The steps that a step needs, directly or through others. */
export function stepsBefore(needed: ReadonlyMap<string, readonly string[]>, stepId: string): Set<string> {
  const before = new Set<string>();
  const stack = [...(needed.get(stepId) ?? [])];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (before.has(id)) continue;
    before.add(id);
    stack.push(...(needed.get(id) ?? []));
  }
  return before;
}

/**
 * An order in which every step comes after those it needs (Kahn's algorithm, ties in plan order), and the steps that no order holds:
 * those on a cycle or behind one.
 */
export function orderOf(dependencies: Reading['dependencies']): { order: string[]; stuck: string[] } {
  const order: string[] = [];
  const placed = new Set<string>();
  let unordered = [...dependencies.keys()];
  while (unordered.length > 0) {
    const free = unordered.filter((id) => dependencies.get(id)!.every((needed) => placed.has(needed)));
    if (free.length === 0) break;
    for (const id of free) {
      order.push(id);
      placed.add(id);
    }
    unordered = unordered.filter((id) => !placed.has(id));
  }
  return { order, stuck: unordered };
}

export type PlanReads = {
  /** Whether the plan computes something from the moment at which its run was created. */
  now: boolean;
  /** Keys of the context whose values it reads for each run. */
  pairs: ReadonlySet<string>;
};

/** What a plan takes from its run by bindings. */
export async function readsOf(plan: Plan, sandbox: Sandbox): Promise<PlanReads> {
  const { analyses } = await readPlan(plan, sandbox);
  const reads = { now: false, pairs: new Set<string>() };
  for (const [expression, analysis] of analyses) {
    if (!analysis.ok) continue;
    reads.now ||= analysis.roots.includes('now') || /\$(now|millis)\b/.test(expression);
    if (!analysis.roots.includes('pairs')) continue;
    for (const [, quoted, plain] of expression.matchAll(/(?<![\w.`$])pairs\.(?:`([^`]+)`|([A-Za-z_]\w*))/g))
      reads.pairs.add((quoted ?? plain)!);
  }
  return reads;
}
