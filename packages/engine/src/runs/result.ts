import type { Json, Plan, PlanRequest, Run, RunError, RunStatus, Usage } from '@errand/contracts';
import type { RunFields } from '@errand/db';
import { cut, holdsValue, type PlanEnd, type StepEnd, type StepError } from '@errand/plan';

const COST_DIGITS = 1e6;

/** The usage of a run, in the form of the API. */
export function usageOf(row: Omit<Usage, 'cost'> & Pick<RunFields, 'cost' | 'costCurrency'>): Usage {
  const { steps, toolCalls, inputTokens, cachedInputTokens, outputTokens, activeMs } = row;
  return { steps, toolCalls, inputTokens, cachedInputTokens, outputTokens, ...costOf(row), activeMs };
}

type StoredCost = Pick<RunFields, 'cost' | 'costCurrency'>;

export function costOf({ cost, costCurrency }: StoredCost): Pick<Usage, 'cost' | 'priceUnknown'> {
  if (cost === null) return { priceUnknown: true };
  const amount = Math.round(cost * COST_DIGITS) / COST_DIGITS;
  return costCurrency === null ? {} : { cost: { amount, currency: costCurrency } };
}

/** The facts that determine the end of a run. */
export type Outcome = {
  /** Calls that may have changed something. */
  effects: number;
  /** Whether they did change something, judged by tool names: a search by POST did not. Default: `effects > 0`. */
  changed?: boolean;
  /** Writes that are INTENDED without a known outcome. */
  intended?: number;
  /** Failures, denials and reached limits, in order; empty on success. */
  failures: readonly StepError[];
  /** The result or its computable part; undefined when there is none. */
  result: Json | undefined;
  /** Whether a step with an answer gave a value of the result. Default: the result contains a value. */
  found?: boolean | undefined;
  /** The values that the result lacks because a step has no answer. */
  missing?: PlanEnd['missing'];
  /** The reason why the result could not be computed or does not fit outputSchema. */
  resultError: RunError | null;
  /** A sentence about the writes and the result; absent when there are none. */
  summary?: string | undefined;
  /** The report for a planner that makes another plan. */
  planReport?: NonNullable<PlanRequest['previous']>;
  unplanned?: boolean;
};

// Codes of failures after which the goal could not be reached although nothing broke.
const UNREACHABLE = new Set(['no_plan', 'nothing_found', 'plan_ended', 'budget_exhausted', 'question_unanswered']);
// Codes of failures by the decision of a human.
const DENIED = new Set(['approval_denied']);

/** The end of a run. `summary`: the outcome or the failure, for people. */
type End = { status: RunStatus; result: Json | undefined; error: RunError | null; summary: string };

const MAX_SUMMARY = 500;

/**
 * The terminal status, result and error of an outcome.
 * SUCCESS: no failure, and the result fits. PARTIAL_SUCCESS: a failure, but something was changed or a step gave part of the result.
 * CANCELED: humans denied the rest. NO_SUCCESS: the goal could not be reached although nothing broke. FAILED: something broke.
 */
export function toEnd(outcome: Outcome): End {
  const { effects, failures, result, resultError } = outcome;
  const { summary = 'Done.', changed = effects > 0 } = outcome;
  if (failures.length === 0 && !resultError) return { status: 'SUCCESS', result, error: null, summary };
  // The error of the run is its worst failure.
  const worst =
    failures.find((f) => !UNREACHABLE.has(f.code) && !DENIED.has(f.code)) ??
    failures.find((f) => DENIED.has(f.code)) ??
    failures[0];
  const hasFound = outcome.found ?? (result !== undefined && holdsValue(result));
  const part = !resultError && hasFound ? result : undefined;
  const error = worst
    ? runErrorOf(
        withMissingValues(worst, outcome.missing, part !== undefined),
        RETRYABLE.has(worst.code) && effects + (outcome.intended ?? 0) === 0,
      )
    : resultError!;
  const failed = { error, summary: cut(error.message, MAX_SUMMARY) };
  if (changed || part !== undefined) {
    const summary = cut([outcome.summary ?? [], error.message].flat().join(' '), MAX_SUMMARY);
    return { status: 'PARTIAL_SUCCESS', result: part, error, summary };
  }
  if (DENIED.has(error.code)) return { status: 'CANCELED', result: undefined, ...failed };
  return { status: UNREACHABLE.has(error.code) ? 'NO_SUCCESS' : 'FAILED', result: undefined, ...failed };
}

/** The progress of a run in the form of the API; undefined before a plan. */
export const progressOf = ({ steps, plannedSteps }: Pick<RunFields, 'steps' | 'plannedSteps'>): Run['progress'] =>
  plannedSteps === null ? undefined : { done: steps, total: plannedSteps };

/** A failure in the form of the API, without its cause. */
export const runErrorOf = ({ code, message, errors, values }: StepError, retryable: boolean): RunError => ({
  code: code as RunError['code'],
  message,
  retryable,
  ...(errors && errors.length > 0 && { errors: [...errors] }),
  ...(values && { values }),
});

/** Adds the missing values of the result to a failure. If all values are missing because of one step, its message suffices. */
function withMissingValues(failure: StepError, missing: Outcome['missing'], isPart: boolean): StepError {
  if (missing === undefined) return failure;
  const message = isPart || missing.steps > 1 ? `${failure.message} ${missing.text}` : failure.message;
  return { ...failure, message, errors: [...(failure.errors ?? []), ...missing.errors] };
}

/** Whether a condition skipped a step and the result is empty: then the goal could not be reached. */
export const isNothingFound = (plan: Plan, steps: ReadonlyMap<string, StepEnd>, result: Json | undefined): boolean =>
  (result === undefined || !holdsValue(result)) &&
  plan.steps.some((step) => step.when !== undefined && steps.get(step.id)?.state === 'skipped');

// Codes of failures after which a new run may succeed, if the failed one has changed nothing.
const RETRYABLE = new Set([
  'upstream_paused',
  'upstream_timeout',
  'upstream_unreachable',
  'tool_timeout',
  'model_failed',
  'credential_unavailable',
  'internal',
]);
