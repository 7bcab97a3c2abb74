import type { Plan, PlanStep } from '@errand/contracts';
import { analysePlan, ancestorsOf, topologicalOrder } from '../analysis/plan-analysis.ts';
import { stepLabel } from '../tools/label.ts';
import { CallLimiter, Stopped } from './call-limiter.ts';
import { evaluateUnless } from './conditions.ts';
import { executeStep } from './execute-step.ts';
import { outputExcerpts, StepOutput, withTextsInMemory } from './output.ts';
import {
  type Execution,
  endWithoutCalls,
  type PlanEnd,
  type RunPlanOptions,
  STATE_WORDS,
  type StepEnd,
  type StepEnds,
} from './plan-execution.ts';
import { resultOf } from './result.ts';

/**
 * Runs a plan as far as it can go. Independent steps run in parallel. A failed step blocks only the steps that need it; a waiting step does
 * not delay the others. The same scope and the same outcomes lead to the same calls: after a crash or a wait, run the plan again with a
 * `call` that returns recorded outcomes.
 * @param plan one that passed `checkPlan`
 * @throws Error when the plan has a cycle, and the errors of `call`, `fill` and `onStep`
 */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<PlanEnd> {
  const planAnalysis = await analysePlan(plan, options.sandbox);
  const { unordered } = topologicalOrder(planAnalysis.dependencies);
  if (unordered.length > 0)
    throw new Error(`The steps ${unordered.join(', ')} wait for each other; check the plan first.`);
  const limiter = new CallLimiter(options.concurrency ?? 8, options.signal);
  const execution = { planAnalysis, options, limiter };
  const ended = new Map<string, StepEnd>();
  try {
    await Promise.race([runSteps(execution, ended), limiter.whenClosed]);
    const steps = inPlanOrder(plan, ended);
    if ([...steps.values()].some((end) => end.state === 'waiting')) return { state: 'waiting', steps };
    const isEndedByUnless = [...steps.values()].some(({ error }) => error?.code === 'plan_ended');
    if (plan.then !== undefined || isEndedByUnless) return { state: 'finished', steps };
    const result = await Promise.race([resultOf(execution, steps), limiter.whenClosed]);
    return { state: 'finished', steps, ...result };
  } catch (error) {
    limiter.close(error as Error);
    if (error instanceof Stopped) return { state: 'stopped', steps: inPlanOrder(plan, ended) };
    throw error;
  }
}

async function runSteps(execution: Execution, ended: Map<string, StepEnd>): Promise<void> {
  const { planAnalysis, options } = execution;
  const { plan } = planAnalysis;
  const byId = new Map(plan.steps.map((step) => [step.id, step]));
  const endPromises = new Map<string, Promise<StepEnd>>();
  const label = (id: string): string => stepLabel(plan, options.tools, id);
  /** Ends of steps that do not start; undefined for the others. */
  const startChecks = new Map<string, Promise<StepEnd | undefined>>();
  const checkStart = async (step: PlanStep, before: Map<string, StepEnd>): Promise<StepEnd | undefined> => {
    for (const id of planAnalysis.dependencies.get(step.id)!) before.set(id, await endPromises.get(id)!);
    const guards = new Map<string, StepEnd>();
    for (const id of planAnalysis.guards.get(step.id)!) {
      const end = await startChecks.get(id)!;
      if (end !== undefined) guards.set(id, end);
    }
    const blockedEnd = endBeforeStart(guards, label) ?? endBeforeStart(before, label);
    if (blockedEnd !== undefined) return blockedEnd;
    const unknownId = planAnalysis.reads.get(step.id)!.find((id) => before.get(id)?.unknown);
    if (unknownId === undefined) return await evaluateUnless({ execution, step, before });
    const message = `${label(step.id)} was not run: it needs the answer of ${label(unknownId)}, which is unknown.`;
    return endWithoutCalls('failed', { code: 'output_unknown', message });
  };
  const run = async (step: PlanStep): Promise<StepEnd> => {
    const before = new Map<string, StepEnd>();
    const entry = checkStart(step, before);
    startChecks.set(step.id, entry);
    const end = (await entry) ?? (await executeStep({ execution, step, before }, outputsBefore(step)));
    ended.set(step.id, end);
    if (end.state !== 'pending') await options.onStep?.(step, end);
    return end;
  };
  /** Outputs of all steps that a step needs, directly or through others, for a model. */
  const outputsBefore = (step: PlanStep) => () => {
    const ids = [...ancestorsOf(planAnalysis.dependencies, step.id)];
    const outputs = new Map(ids.map((id) => [id, ended.get(id)?.output ?? StepOutput.none]));
    return outputExcerpts(outputs, options.withTexts ?? withTextsInMemory);
  };
  const { order } = topologicalOrder(
    new Map([...planAnalysis.dependencies].map(([id, needed]) => [id, [...needed, ...planAnalysis.guards.get(id)!]])),
  );
  for (const id of order) {
    const end = run(byId.get(id)!);
    // The first failure ends the plan through Promise.all below; the others must not count as unhandled.
    end.catch(() => {});
    endPromises.set(id, end);
  }
  await Promise.all(endPromises.values());
}

/** Why a step cannot start: the state of a dependency, or of a step that may end the plan before it. */
function endBeforeStart(before: StepEnds, label: (id: string) => string): StepEnd | undefined {
  const ends = [...before];
  for (const [id, { state, error }] of ends) {
    if (state !== 'failed' && state !== 'denied' && state !== 'blocked') continue;
    const code = error?.code ?? 'tool_failed';
    const message = NOT_RUN[code] ?? `Not run: it needs ${label(id)}, which ${STATE_WORDS[state]}.`;
    return endWithoutCalls('blocked', { code, message });
  }
  const mustWait = ends.some(([, { state }]) => state === 'waiting' || state === 'pending');
  return mustWait ? endWithoutCalls('pending') : undefined;
}

const NOT_RUN: Partial<Record<string, string>> = {
  plan_ended: 'Not run: the plan ended before it.',
  question_unanswered: 'Not run: it needs an answer that nobody gave.',
};

const inPlanOrder = (plan: Plan, ended: StepEnds): Map<string, StepEnd> =>
  new Map(plan.steps.flatMap(({ id }) => (ended.has(id) ? [[id, ended.get(id)!] as const] : [])));
