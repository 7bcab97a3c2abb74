// A rerun from a step: the steps that the new run takes over, and those that it runs again.
import { BUILTIN_INTEGRATION_ID, type Plan, type PlanStep, problem } from '@errand/contracts';
import {
  type CallState,
  type EarlierRun,
  type RunScope,
  readCallStates,
  readStepStates,
  type TakeOver,
} from '@errand/db';
import { operationLabel, type Sandbox, traceNeeds } from '@errand/plan';
import type { Envelope, TakenOver } from '../model/envelope.ts';
import { invalid } from '../model/validate.ts';

/** A step that runs again. `callsKept`: its calls that succeeded in the earlier run and are not made again. */
export type StepToRerun = { step: PlanStep; reason: 'from' | 'needs_from' | 'unfinished'; callsKept: number };

/** `plan`: the plan with the steps that the new run takes over; `takeOver`: the calls to copy, if there are any. */
export type RerunSplit = { plan: Envelope; takeOver?: TakeOver; runsAgain: StepToRerun[] };

/** The earlier run with its plan, and the calls and ended steps of it. */
type EarlierState = {
  run: EarlierRun;
  envelope: Envelope;
  ledger: readonly CallState[];
  ended: ReadonlyMap<string, string>;
};

/** States of calls that may have taken effect without a recorded outcome. */
const UNRESOLVED = new Set<CallState['state']>(['INTENDED', 'UNCERTAIN', 'SKIPPED']);
/** Ends of steps that are not decided again. */
const FINAL = new Set(['done', 'skipped']);

/**
 * Splits the plan of an ended run. `from` and all steps that need it run again. The other steps continue from their calls: a step that
 * was done or skipped is taken over, and of any other step the calls that did not succeed are made.
 * @throws ProblemError validation_failed, run_unfinished, effect_unresolved, outputs_gone
 */
export async function splitPlan(
  scope: RunScope,
  sandbox: Sandbox,
  { run, envelope, from }: { run: EarlierRun; envelope: Envelope; from: string },
): Promise<RerunSplit> {
  const { plan } = envelope;
  if (!plan.steps.some(({ id }) => id === from)) throw unknownStep(plan);
  if (run.endedAt === null)
    throw problem('run_unfinished', 'The run goes on, so the outputs of its steps are not final.', {
      values: { status: run.status },
    });
  const [needs, ledger, ended] = await Promise.all([
    traceNeeds(plan, sandbox),
    readCallStates(scope, run.runId),
    readStepStates(scope, run.runId),
  ]);
  const earlier = plan.steps.filter(({ id }) => id !== from && !needs(id).has(from));
  const calls = callsByStep(ledger);
  checkResolved(plan, earlier, calls);
  const done = doneSteps({ ended, calls, needs, earlier });
  // An unfinished list of pages is read from its beginning: later pages depend on the first request.
  const copied = earlier.filter(({ id, pages }) => calls.has(id) && (done.has(id) || pages === undefined));
  if (copied.length > 0 && run.outputsRemovedAt !== null) throw outputsGone();
  const runsAgain = plan.steps.flatMap((step): StepToRerun[] => {
    if (step.id === from) return [{ step, reason: 'from', callsKept: 0 }];
    if (!earlier.includes(step)) return [{ step, reason: 'needs_from', callsKept: 0 }];
    if (done.has(step.id)) return [];
    const succeeded = copied.includes(step) ? calls.get(step.id)!.filter(({ state }) => state === 'DONE') : [];
    return [{ step, reason: 'unfinished', callsKept: succeeded.length }];
  });
  return {
    plan: { ...envelope, takenOver: toTakenOver({ run, envelope, ledger, ended }, earlier, done) },
    ...(copied.length > 0 && { takeOver: { runId: run.runId, stepIds: copied.map(({ id }) => id) } }),
    runsAgain,
  };
}

export const outputsGone = () =>
  problem('outputs_gone', 'The outputs of the steps before `from` are no longer kept, so they cannot be taken over.');

function unknownStep({ steps }: Plan) {
  const ids = steps.slice(0, 20).map(({ id }) => id);
  return invalid(
    '/from',
    `The plan has no such step. Its steps are ${ids.join(', ')}${steps.length > 20 ? ', …' : ''}.`,
  );
}

function callsByStep(ledger: readonly CallState[]): Map<string, CallState[]> {
  const calls = new Map<string, CallState[]>();
  for (const row of ledger) {
    if (row.stepId === null) continue;
    calls.set(row.stepId, [...(calls.get(row.stepId) ?? []), row]);
  }
  return calls;
}

type Calls = ReadonlyMap<string, readonly CallState[]>;

/** @throws ProblemError effect_unresolved */
function checkResolved(plan: Plan, earlier: readonly PlanStep[], calls: Calls): void {
  const unresolved = earlier.filter(({ id }) => calls.get(id)?.some(({ state }) => UNRESOLVED.has(state)));
  if (unresolved.length === 0) return;
  const errors = unresolved.slice(0, 20).map((step) => ({
    pointer: `/steps/${plan.steps.indexOf(step)}`,
    message: `Whether ${operationLabel(step.tool)} took effect in the step ${step.id} is not known.`,
  }));
  throw problem('effect_unresolved', errors[0]!.message, { errors });
}

/**
 * The ids of the steps that were done or skipped. Events say so, unless they were removed or a replanned run did not repeat them. Then
 * the calls show it: a step with a single call that succeeded was done, and so was each step that a step with calls needs.
 */
function doneSteps({
  ended,
  calls,
  needs,
  earlier,
}: Pick<EarlierState, 'ended'> & {
  calls: Calls;
  needs: (stepId: string) => ReadonlySet<string>;
  earlier: readonly PlanStep[];
}): Set<string> {
  const isDone = ({ id, forEach, pages }: PlanStep): boolean =>
    FINAL.has(ended.get(id) ?? '') ||
    (forEach === undefined && pages === undefined && calls.get(id)?.[0]?.state === 'DONE');
  const needed = new Set(earlier.flatMap(({ id }) => (calls.has(id) ? [...needs(id)] : [])));
  return new Set(earlier.flatMap((step) => (isDone(step) || needed.has(step.id) ? [step.id] : [])));
}

function toTakenOver(
  { run, envelope, ledger }: EarlierState,
  earlier: readonly PlanStep[],
  done: ReadonlySet<string>,
): TakenOver {
  const before = envelope.takenOver;
  const now = run.createdAt.toISOString();
  const steps = earlier.map(({ id }) => {
    const step = before?.steps[id];
    return [id, { now: step?.now ?? now, ...(done.has(id) && { doneBy: step?.doneBy ?? run.runId }) }] as const;
  });
  // Steps that an earlier plan of the run had, and this one has not: its planner knows their answers.
  const ids = new Set(envelope.plan.steps.map(({ id }) => id));
  const omitted = ledger.flatMap(({ tool, effect, state, stepId }) =>
    effect === 'read' && state === 'DONE' && tool !== null && !ids.has(stepId ?? '')
      ? [tool.slice(0, tool.indexOf('.'))]
      : [],
  );
  const readFrom = new Set([...(before?.readFrom ?? []), ...omitted].filter((id) => id !== BUILTIN_INTEGRATION_ID));
  return { steps: Object.fromEntries(steps), ...(readFrom.size > 0 && { readFrom: [...readFrom] }) };
}
