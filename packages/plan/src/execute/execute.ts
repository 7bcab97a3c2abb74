import { isPromise } from '@errand/basics/awaitable';
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
    await Promise.race([new StepScheduler(execution, ended).run(), limiter.whenClosed]);
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
  } finally {
    limiter.release();
  }
}

/** Starts each step once its dependencies have ended and its guards have decided. */
class StepScheduler {
  readonly #steps: ReadonlyMap<string, PlanStep>;
  /** By step: the number of dependencies that have not ended, and of guards that have not decided. */
  readonly #blockers = new Map<string, number>();
  readonly #dependents: ReadonlyMap<string, readonly string[]>;
  readonly #guarded: ReadonlyMap<string, readonly string[]>;
  readonly #guards: ReadonlyMap<string, readonly string[]>;
  /** Ends of steps that did not start; undefined for those that did. */
  readonly #endsBeforeStart = new Map<string, StepEnd | undefined>();
  readonly #released = new Set<string>();
  #resolve = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    private readonly execution: Execution,
    private readonly ended: Map<string, StepEnd>,
  ) {
    const { plan, dependencies, guards: allGuards } = execution.planAnalysis;
    const { earlier } = execution.options;
    const guards = new Map(plan.steps.map(({ id }) => [id, earlier?.isDone(id) ? [] : allGuards.get(id)!]));
    this.#guards = guards;
    this.#steps = new Map(plan.steps.map((step) => [step.id, step]));
    for (const { id } of plan.steps) this.#blockers.set(id, dependencies.get(id)!.length + guards.get(id)!.length);
    this.#dependents = inverted(dependencies);
    this.#guarded = inverted(guards);
  }

  /** Resolves when all steps have ended. */
  run(): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const startable = [...this.#steps.values()].filter(({ id }) => this.#blockers.get(id) === 0);
    for (const step of startable) this.#start(step);
    if (this.#steps.size === 0) this.#resolve();
    return done;
  }

  #start(step: PlanStep): void {
    this.#runStep(step).catch((error: unknown) => this.#reject(error));
  }

  async #runStep(step: PlanStep): Promise<void> {
    const { ended } = this;
    const execution = executionOf(this.execution, step);
    const needed = execution.planAnalysis.dependencies.get(step.id)!;
    const before = new Map(needed.map((id) => [id, ended.get(id)!]));
    let early = this.#blockedEnd(step, before);
    if (early === undefined && step.unless !== undefined) early = await evaluateUnless({ execution, step, before });
    this.#endsBeforeStart.set(step.id, early);
    const started = early === undefined && executeStep({ execution, step, before }, () => this.#outputsBefore(step));
    this.#unblock(this.#guarded.get(step.id));
    const end = started ? await started : early!;
    ended.set(step.id, end);
    if (end.state !== 'pending') {
      const reported = execution.options.onStep?.(step, end);
      if (isPromise(reported)) await reported;
    }
    this.#released.add(step.id);
    if (this.#released.size === this.#steps.size) this.#resolve();
    else this.#unblock(this.#dependents.get(step.id));
  }

  #blockedEnd(step: PlanStep, before: StepEnds): StepEnd | undefined {
    const { planAnalysis, options } = this.execution;
    const label = (id: string): string => stepLabel(planAnalysis.plan, options.tools, id);
    const guards = new Map<string, StepEnd>();
    for (const id of this.#guards.get(step.id)!) {
      const end = this.#endsBeforeStart.get(id);
      if (end !== undefined) guards.set(id, end);
    }
    const blockedEnd = endBeforeStart(guards, label) ?? endBeforeStart(before, label);
    if (blockedEnd !== undefined) return blockedEnd;
    const unknownId = planAnalysis.reads.get(step.id)!.find((id) => before.get(id)?.unknown);
    if (unknownId === undefined) return undefined;
    const message = `${label(step.id)} was not run: it needs the answer of ${label(unknownId)}, which is unknown.`;
    return endWithoutCalls('failed', { code: 'output_unknown', message });
  }

  #unblock(stepIds: readonly string[] = []): void {
    for (const id of stepIds) {
      const blockers = this.#blockers.get(id)! - 1;
      this.#blockers.set(id, blockers);
      if (blockers === 0) this.#start(this.#steps.get(id)!);
    }
  }

  /** Outputs of all steps that a step needs, directly or through others, for a model. */
  #outputsBefore(step: PlanStep): Promise<Record<string, string>> {
    const { planAnalysis, options } = this.execution;
    const ids = [...ancestorsOf(planAnalysis.dependencies, step.id)];
    const outputs = new Map(ids.map((id) => [id, this.ended.get(id)?.output ?? StepOutput.none]));
    return outputExcerpts(outputs, options.withTexts ?? withTextsInMemory);
  }
}

/** A step of an earlier run computes with the moment of that run. */
function executionOf(execution: Execution, { id }: PlanStep): Execution {
  const { options } = execution;
  const now = options.earlier?.nowOf(id);
  return now === undefined ? execution : { ...execution, options: { ...options, scope: { ...options.scope, now } } };
}

/** The keys by each of their values. */
function inverted(map: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const [key, values] of map) {
    for (const value of values) keys.set(value, [...(keys.get(value) ?? []), key]);
  }
  return keys;
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
