import type { Json, Plan, PlanRequest, RunError, RunStatus, Usage } from '@errand/contracts';
import type { RunFields } from '@errand/db';
import { cut, holdsValue, type PlanEnd, type StepEnd, type StepError } from '@errand/plan';

const COST_DIGITS = 1e6;

/** What a run has used, in the form of the API. */
export function usageOf(row: Omit<Usage, 'cost'> & Pick<RunFields, 'cost' | 'costCurrency'>): Usage {
  const { steps, toolCalls, inputTokens, cachedInputTokens, outputTokens, activeMs, cost, costCurrency } = row;
  const amount = cost === null ? null : Math.round(cost * COST_DIGITS) / COST_DIGITS;
  return {
    steps,
    toolCalls,
    inputTokens,
    cachedInputTokens,
    outputTokens,
    ...(amount === null && { priceUnknown: true }),
    ...(amount !== null && costCurrency !== null && { cost: { amount, currency: costCurrency } }),
    activeMs,
  };
}

/** What the end of a run is derived from. */
export type Outcome = {
  /** Calls that changed something, or may have. */
  effects: number;
  /** Whether they did change something, as far as their names tell: a search by POST did not. Default: there were any. */
  changed?: boolean;
  /** Writes that are INTENDED and whose outcome is not known. */
  intended?: number;
  /** Failures, denials and reached limits, in order; empty on success. */
  failures: readonly StepError[];
  /** The result or the part of it that could be computed; undefined when there is none. */
  result: Json | undefined;
  /** Whether a step that has an answer gave a value of the result. Default: the result holds a value. */
  found?: boolean | undefined;
  /** The values that the result lacks because a step has no answer. */
  missing?: PlanEnd['missing'];
  /** Why the result could not be computed or does not fit outputSchema. */
  resultError: RunError | null;
  /** What was done or found, in a sentence; absent when nothing was. */
  summary?: string | undefined;
  /** What a planner gets that is to make another plan. */
  planReport?: NonNullable<PlanRequest['previous']>;
  /** No plan was made. */
  unplanned?: boolean;
};

// Codes of failures after which the goal could not be reached although nothing broke.
const unreachable = new Set(['no_plan', 'nothing_found', 'plan_ended', 'budget_exhausted', 'question_unanswered']);
// Codes of failures by the decision of a human.
const denied = new Set(['approval_denied']);

/** How a run ends. `summary`: what was done or found, or why not, for people. */
type End = { status: RunStatus; result: Json | undefined; error: RunError | null; summary: string };

/** Characters of a summary. */
const MAX_SUMMARY = 500;

/**
 * The terminal status, result and error of an outcome.
 * SUCCESS: no failure, and the result fits. PARTIAL_SUCCESS: a failure, but something was changed or a step gave part of the result.
 * CANCELED: humans denied the rest. NO_SUCCESS: the goal could not be reached although nothing broke. FAILED: something broke.
 */
export function endOf(outcome: Outcome): End {
  const { effects, failures, result, resultError } = outcome;
  const { summary = 'Done.', changed = effects > 0 } = outcome;
  if (failures.length === 0 && !resultError) return { status: 'SUCCESS', result, error: null, summary };
  // The error of the run is its worst failure.
  const worst =
    failures.find((f) => !unreachable.has(f.code) && !denied.has(f.code)) ??
    failures.find((f) => denied.has(f.code)) ??
    failures[0];
  const hasFound = outcome.found ?? (result !== undefined && holdsValue(result));
  const part = !resultError && hasFound ? result : undefined;
  const error = worst
    ? runErrorOf(
        naming(worst, outcome.missing, part !== undefined),
        retryable.has(worst.code) && effects + (outcome.intended ?? 0) === 0,
      )
    : resultError!;
  const why = { error, summary: cut(error.message, MAX_SUMMARY) };
  if (changed || part !== undefined) {
    const summary = cut([outcome.summary ?? [], error.message].flat().join(' '), MAX_SUMMARY);
    return { status: 'PARTIAL_SUCCESS', result: part, error, summary };
  }
  if (denied.has(error.code)) return { status: 'CANCELED', result: undefined, ...why };
  return { status: unreachable.has(error.code) ? 'NO_SUCCESS' : 'FAILED', result: undefined, ...why };
}

/** A failure in the form of the API, without its cause. */
export const runErrorOf = ({ code, message, errors }: StepError, retryable: boolean): RunError => ({
  code: code as RunError['code'],
  message,
  retryable,
  ...(errors && errors.length > 0 && { errors: [...errors] }),
});

/** A failure that also names the values which the result lacks. Where all of it lacks for one step, its message says enough. */
function naming(failure: StepError, missing: Outcome['missing'], isPart: boolean): StepError {
  if (missing === undefined) return failure;
  const message = isPart || missing.steps > 1 ? `${failure.message} ${missing.text}` : failure.message;
  return { ...failure, message, errors: [...(failure.errors ?? []), ...missing.errors] };
}

/** Whether a condition skipped a step and the result is empty: then the goal could not be reached. */
export const foundNothing = (plan: Plan, steps: ReadonlyMap<string, StepEnd>, result: Json | undefined): boolean =>
  (result === undefined || !holdsValue(result)) &&
  plan.steps.some((step) => step.when !== undefined && steps.get(step.id)?.state === 'skipped');

// Codes of failures after which the same run may succeed when it is created again, if it has changed nothing.
const retryable = new Set([
  'upstream_timeout',
  'upstream_unreachable',
  'tool_timeout',
  'model_failed',
  'credential_unavailable',
  'internal',
]);
