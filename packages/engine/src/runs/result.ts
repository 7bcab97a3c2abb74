import type { Json, Plan, PlanRequest, Run, RunError, RunEvent, RunStatus, WaitingOn } from '@errand/contracts';
import type { RunRow } from '@errand/db';
import type { StepEnd, StepError } from '@errand/plan';

/** A run as callers see it. */
export function toRun(
  row: RunRow,
  events: RunEvent[] = [],
  eventsTruncated?: boolean,
  waitingOn: WaitingOn[] = [],
): Run {
  return {
    runId: row.runId,
    repeatKey: row.repeatKey,
    ...(row.repeatRunId !== null && { repeatRunId: row.repeatRunId }),
    status: row.status,
    executionPlanId: row.executionPlanId,
    events,
    ...(eventsTruncated && { eventsTruncated }),
    ...(row.hasResult && { result: row.result }),
    ...(row.error && { error: row.error }),
    intent: row.intent,
    context: row.context,
    userId: row.userId,
    approvalStrategy: row.approvalStrategy,
    selectedCustomerIntegrationIds: row.selected,
    ...(row.outputSchema && { outputSchema: row.outputSchema }),
    metadata: row.metadata,
    usage: {
      steps: row.steps,
      toolCalls: row.toolCalls,
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      activeMs: row.activeMs,
    },
    waitingOn,
    ...waitingFor(row),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...(row.startedAt && { startedAt: row.startedAt.toISOString() }),
    ...(row.endedAt && { endedAt: row.endedAt.toISOString() }),
    ...(row.outputsRemovedAt && { outputsRemovedAt: row.outputsRemovedAt.toISOString() }),
  };
}

/** Why nobody carries it out now, as callers see it. */
export const waitingFor = ({ waitsFor, updatedAt }: Pick<RunRow, 'waitsFor' | 'updatedAt'>): Pick<Run, 'waitingFor'> =>
  waitsFor === null ? {} : { waitingFor: { what: waitsFor, since: updatedAt.toISOString() } };

/** What is known when nothing can go on, and the end must be named. */
export type Outcome = {
  /** Calls that changed something, or may have. */
  effects: number;
  /** Writes that were about to be made, of which nobody knows more. */
  intended?: number;
  /** What failed, was denied or ran out, in order; empty when all went well. */
  failures: readonly StepError[];
  /** The result as far as it could be made; undefined when there is none. */
  result: Json | undefined;
  /** Why the result is not what was asked for. */
  resultError: RunError | null;
  /** What came of the plan, for whoever makes another one. */
  came?: NonNullable<PlanRequest['previous']>;
  /** No plan was made. */
  unplanned?: boolean;
};

// Reasons for which nothing broke and yet the goal was out of reach.
const unreachable = new Set(['no_plan', 'nothing_found', 'budget_exhausted']);
// A human did not want it.
const denied = new Set(['approval_denied']);

/**
 * The terminal status that an outcome means, by the contract's definitions.
 * SUCCESS: all went well and the result fits. PARTIAL_SUCCESS: something was changed or part of the result exists, and
 * something went wrong. CANCELED: humans denied what was left. NO_SUCCESS: nothing broke, nothing was changed, the goal was out of reach. FAILED: something broke.
 */
export function endOf(outcome: Outcome): { status: RunStatus; result: Json | undefined; error: RunError | null } {
  const { effects, failures, result, resultError } = outcome;
  if (failures.length === 0 && !resultError) return { status: 'SUCCESS', result, error: null };
  // What makes the end look worst is what a caller must read first.
  const worst =
    failures.find((f) => !unreachable.has(f.code) && !denied.has(f.code)) ??
    failures.find((f) => denied.has(f.code)) ??
    failures[0];
  const error = worst
    ? runErrorOf(worst, retryable.has(worst.code) && effects + (outcome.intended ?? 0) === 0)
    : resultError!;
  const part = !resultError && result !== undefined && holdsValue(result) ? result : undefined;
  if (effects > 0 || part !== undefined) return { status: 'PARTIAL_SUCCESS', result: part, error };
  if (denied.has(error.code)) return { status: 'CANCELED', result: undefined, error };
  return { status: unreachable.has(error.code) ? 'NO_SUCCESS' : 'FAILED', result: undefined, error };
}

/** A failure as callers see it: what its cause said is not for them. */
export const runErrorOf = ({ code, message, errors }: StepError, retryable: boolean): RunError => ({
  code: code as RunError['code'],
  message,
  retryable,
  ...(errors && errors.length > 0 && { errors: [...errors] }),
});

/** Whether a result tells anything at all: somewhere in it there is a value. */
function holdsValue(value: Json): boolean {
  if (value === null) return false;
  return typeof value === 'object' ? Object.values(value).some(holdsValue) : true;
}

/** A step was skipped because its condition did not hold, and what is left tells nothing: the goal was out of reach. */
export const foundNothing = (plan: Plan, steps: ReadonlyMap<string, StepEnd>, result: Json | undefined): boolean =>
  (result === undefined || !holdsValue(result)) &&
  plan.steps.some((step) => step.when !== undefined && steps.get(step.id)?.state === 'skipped');

// The same run may succeed when it is created again: nothing was done yet that it would do a second time.
const retryable = new Set([
  'upstream_timeout',
  'upstream_unreachable',
  'tool_timeout',
  'model_failed',
  'credential_unavailable',
  'internal',
]);
