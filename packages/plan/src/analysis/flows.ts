import type { Json, Plan } from '@errand/contracts';
import { plainPath } from '../sandbox/plain-path.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { expressionsOf, type Hole, holesOf } from '../template/template.ts';
import {
  analysePlan,
  ancestorsOf,
  type PlanAnalysis,
  readsRoot,
  stepIdsIn,
  stringLiteralsIn,
} from './plan-analysis.ts';

/** A computed value, with the steps that it reads. `isPath`: it is an unchanged member of an output. */
export type Flow = { kind: Hole['kind']; steps: readonly string[]; isPath?: boolean };

/** Which outputs reach which values of a plan. */
export type Flows = {
  /** By step id, and by the JSON pointer of the value in the arguments of the step. */
  args: ReadonlyMap<string, ReadonlyMap<string, Flow>>;
  /** By the JSON pointer of the value in the result. */
  result: ReadonlyMap<string, Flow>;
  /** Whether `next` of a step's pages reads anything but the page: outputs of steps, or texts of the plan. */
  nextReadsOutsidePage: (stepId: string) => boolean;
  /** The steps with outputs that decide whether a step runs, and for how many items. */
  decidedBy: (stepId: string) => { condition: readonly string[]; list: readonly string[] };
  /** The steps that a step reads, directly or through others, including its conditions and lists. */
  ancestors: (stepId: string) => ReadonlySet<string>;
};

/** Roots of a page. */
const PAGE_ROOTS = new Set(['page', 'pageCount', 'itemCount', 'link']);

/** Finds which outputs flow into the arguments and the result of a plan, and which decide about its calls. */
export async function traceFlows(plan: Plan, sandbox: Sandbox): Promise<Flows> {
  const planAnalysis = await analysePlan(plan, sandbox);
  const args = plan.steps.map((step) => {
    const listStepIds = stepsReadBy(planAnalysis, [step.forEach?.$], step.id);
    const fillStepIds = () => [...ancestorsOf(planAnalysis.dependencies, step.id)];
    return [
      step.id,
      traceTemplate(planAnalysis, step.args, { stepId: step.id, items: listStepIds, needed: fillStepIds }),
    ] as const;
  });
  const all = plan.steps.map(({ id }) => id);
  const result = plan.result ?? { $: `steps.${all.at(-1)}.output` };
  return {
    args: new Map(args),
    result: traceTemplate(planAnalysis, result, { items: [], needed: () => all }),
    nextReadsOutsidePage: (stepId) => {
      const next = plan.steps.find(({ id }) => id === stepId)?.pages?.next.$;
      if (next === undefined || !planAnalysis.analyses.get(next)?.ok) return false;
      const readsOther = readsRoot(planAnalysis.analyses.get(next), (root) => !PAGE_ROOTS.has(root));
      return readsOther || stringLiteralsIn(next).some((text) => text !== '');
    },
    decidedBy: (stepId) => {
      const { when, unless, forEach } = plan.steps.find(({ id }) => id === stepId)!;
      const condition = stepsReadBy(planAnalysis, [when?.$, unless?.$], stepId);
      return { condition, list: stepsReadBy(planAnalysis, [forEach?.$], stepId) };
    },
    ancestors: (stepId) => ancestorsOf(planAnalysis.reads, stepId),
  };
}

type TemplatePlace = { stepId?: string; items: readonly string[]; needed: () => readonly string[] };

function traceTemplate(planAnalysis: PlanAnalysis, template: Json, place: TemplatePlace): Map<string, Flow> {
  const { stepId, items, needed } = place;
  const ofHole = (hole: Hole): Flow => {
    if (hole.kind === 'fill') return { kind: 'fill', steps: needed() };
    const expressions = expressionsOf(hole);
    const stepIds = stepsReadBy(planAnalysis, expressions, stepId);
    const isItemRoot = (root: string) => root === 'item' || root === 'index';
    const isPerItem = expressions.some((text) => readsRoot(planAnalysis.analyses.get(text), isItemRoot));
    const isPath = hole.kind === 'binding' && plainPath(hole.text.trim()) !== undefined;
    return { kind: hole.kind, steps: [...new Set([...stepIds, ...(isPerItem ? items : [])])], isPath };
  };
  return new Map(holesOf(template).map((hole) => [hole.pointer, ofHole(hole)]));
}

/** The steps that some expressions read. An expression that takes its whole scope reads all dependencies of its step. */
function stepsReadBy(
  { plan, analyses, dependencies }: PlanAnalysis,
  expressions: readonly (string | undefined)[],
  stepId?: string,
): string[] {
  const all = () => (stepId === undefined ? plan.steps.map(({ id }) => id) : dependencies.get(stepId)!);
  return expressions.flatMap((text) => {
    if (text === undefined) return [];
    const analysis = analyses.get(text);
    // The expression of a default result is not in the plan: it reads the last step.
    if (analysis === undefined) return plan.steps.slice(-1).map(({ id }) => id);
    return analysis.ok && analysis.readsAll ? all() : stepIdsIn(analysis);
  });
}
