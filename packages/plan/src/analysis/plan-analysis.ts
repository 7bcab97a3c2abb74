import { type Awaitable, chain } from '@errand/basics/awaitable';
import type { Json, Plan, PlanStep } from '@errand/contracts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { expressionsOf, holesOf } from '../template/template.ts';
import { STRING_LITERAL } from '../template/text.ts';

/** The names with which expressions may begin. */
export const ROOTS = new Set(['intent', 'context', 'pairs', 'input', 'now', 'timeZone', 'steps', 'item', 'index']);

/** An expression of a plan and its place. `step` is absent for the result. */
export type ExpressionSite = {
  pointer: string;
  part: 'pages' | 'unless' | 'say' | 'when' | 'forEach' | 'args' | 'result';
  step?: PlanStep;
  expression: string;
  /** Whether it is part of a `$text`. */
  inText: boolean;
};

/** The reads of a plan's expressions, and the order of steps that follows from them. */
export type PlanAnalysis = {
  plan: Plan;
  sites: readonly ExpressionSite[];
  analyses: ReadonlyMap<string, Analysis>;
  /** Steps that must end before a step: those it declares and those it names, in plan order. */
  dependencies: ReadonlyMap<string, readonly string[]>;
  /** The dependencies with an output that the step reads. */
  reads: ReadonlyMap<string, readonly string[]>;
  /** Earlier steps in the plan with `unless`: they must decide whether the plan ends before the step starts. */
  guards: ReadonlyMap<string, readonly string[]>;
};

/** Analyses of plans, whose objects never change. Only those without a fault: a fault may have other reasons the next time. */
const cache = new WeakMap<Plan, PlanAnalysis>();

/** Parses all expressions of a plan, in at most one job of the sandbox. */
export function analysePlan(plan: Plan, sandbox: Sandbox): Awaitable<PlanAnalysis> {
  const cached = cache.get(plan);
  if (cached) return cached;
  const sites = listSites(plan);
  return chain(sandbox.analyse(sites.map(({ expression }) => expression)), (answers) => {
    const analysis = toPlanAnalysis(plan, sites, answers);
    if (answers.every(({ ok }) => ok)) cache.set(plan, analysis);
    return analysis;
  });
}

function toPlanAnalysis(plan: Plan, sites: readonly ExpressionSite[], answers: readonly Analysis[]): PlanAnalysis {
  const analyses = new Map(sites.map(({ expression }, index) => [expression, answers[index]!]));
  const stepIds = plan.steps.map((step) => step.id);
  const reads = new Map(
    plan.steps.map((step) => {
      const ofStep = sites.filter((site) => site.step === step);
      return [step.id, ofStep.flatMap((site) => stepIdsIn(analyses.get(site.expression)))];
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

/** The earlier steps with `unless` of each step, except steps that wait for it: that would be a cycle. */
function guardsOf(plan: Plan, dependencies: PlanAnalysis['dependencies']): Map<string, string[]> {
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

/** Whether an expression reads a root of this sort, or its scope as a whole. */
export const readsRoot = (analysis: Analysis | undefined, isSort: (root: string) => boolean): boolean =>
  analysis?.ok === true && (analysis.readsAll || analysis.roots.some(isSort));

/** The ids of the steps that an expression names. */
export const stepIdsIn = (analysis: Analysis | undefined): string[] =>
  analysis?.ok ? analysis.steps.map((step) => step.id) : [];

const PARTS = ['unless', 'when', 'forEach', 'pages', 'say', 'args'] as const;

/** The expressions of a plan, in the order of its steps; those of the result last. */
export function listSites({ steps, result = null }: Plan): ExpressionSite[] {
  const ofSteps = steps.flatMap((step, index) =>
    PARTS.flatMap((part): ExpressionSite[] => {
      const template = part === 'pages' ? step.pages && { next: step.pages.next } : step[part];
      if (template === undefined) return [];
      return sitesIn(template, `/steps/${index}/${part}`).map((site) => ({ ...site, part, step }));
    }),
  );
  return [...ofSteps, ...sitesIn(result, '/result').map((site) => ({ ...site, part: 'result' as const }))];
}

/** The string literals of an expression. */
export const stringLiteralsIn = (expression: string): string[] =>
  [...expression.matchAll(STRING_LITERAL)].map(([, double, single]) =>
    (double ?? single ?? '').replace(/\\(.)/g, '$1'),
  );

const sitesIn = (template: Json, pointer: string): Omit<ExpressionSite, 'part' | 'step'>[] =>
  holesOf(template, pointer).flatMap((hole) =>
    expressionsOf(hole).map((expression) => ({ pointer: hole.pointer, expression, inText: hole.kind === 'text' })),
  );

/** The steps that a step needs, directly or through others. */
export function ancestorsOf(needed: ReadonlyMap<string, readonly string[]>, stepId: string): Set<string> {
  const before = new Set<string>();
  const stack = [...(needed.get(stepId) ?? [])];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (before.has(id)) continue;
    before.add(id);
    stack.push(...(needed.get(id) ?? []));
  }
  return before;
}

/** The steps of a plan that a step needs, directly or through others, by `dependsOn` or by an expression. */
export async function traceNeeds(plan: Plan, sandbox: Sandbox): Promise<(stepId: string) => ReadonlySet<string>> {
  const { dependencies } = await analysePlan(plan, sandbox);
  return (stepId) => ancestorsOf(dependencies, stepId);
}

/**
 * An order in which every step comes after its dependencies (Kahn's algorithm, ties in plan order), and the steps without an order: those
 * on a cycle or after one.
 */
export function topologicalOrder(dependencies: PlanAnalysis['dependencies']): { order: string[]; unordered: string[] } {
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
  return { order, unordered };
}

export type RunInputs = {
  /** Whether the plan computes something from the moment at which its run was created. */
  now: boolean;
  /** Keys of the context from which it reads a value for each run. */
  pairs: ReadonlySet<string>;
};

/** The values that a plan's bindings read from its run. */
export async function findRunInputs(plan: Plan, sandbox: Sandbox): Promise<RunInputs> {
  const { analyses } = await analysePlan(plan, sandbox);
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
