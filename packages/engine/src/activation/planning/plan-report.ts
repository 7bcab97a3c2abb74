import { isRecord } from '@errand/basics/is-record';
import type { Json, Plan, PlanFailure, RunError } from '@errand/contracts';
import type { CallEnd, PlanEnd, StepEnd, StepError } from '@errand/plan';
import type { StoredCall } from '../../events/frame.ts';
import { forPlanner } from '../../events/step-text.ts';

/** Failed calls of a step that a planner hears of, and characters of each part of one. */
const MAX_CALLS = 3;
const MAX_EXCERPT = 4096;

/**
 * What a planner hears of the failures of a plan: all that is known, with what was sent and what the services answered.
 * @param rendered how events show a call of a tool
 */
export function failuresOf(
  plan: Plan,
  end: PlanEnd,
  resultError: RunError | null,
  rendered: (call: CallEnd, tool: string) => StoredCall | undefined,
): PlanFailure[] {
  const failures = [...end.steps].flatMap(([stepId, { state, error, calls }]): PlanFailure[] => {
    if (!error || (state !== 'failed' && state !== 'denied')) return [];
    const failed = calls.filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'denied');
    const { tool } = plan.steps.find(({ id }) => id === stepId)!;
    const excerpts = failed.slice(0, MAX_CALLS).flatMap((call) => excerptsOf(rendered(call, tool)));
    return [{ ...failureOf(stepId, error), ...(excerpts.length > 0 && { calls: excerpts }) }];
  });
  if (!resultError) return failures;
  const resultPart = end.result === undefined ? {} : { result: excerpt(end.result) };
  return [...failures, { ...failureOf('result', resultError), ...resultPart }];
}

const failureOf = (stepId: string, error: StepError): PlanFailure => ({
  stepId,
  code: error.code,
  message: error.message,
  detail: forPlanner(error),
  ...(error.reason !== undefined && { reason: error.reason }),
});

function excerptsOf(call: StoredCall | undefined): { args: string; answer?: string }[] {
  if (call === undefined || typeof call === 'string' || 'ref' in call) return [];
  const executed = call.toolResult?.executionResult;
  const answer = isRecord(executed) ? executed.output : undefined;
  const answerPart = answer === undefined ? {} : { answer: excerpt(answer as Json) };
  return [{ args: excerpt(call.toolParameters as Json), ...answerPart }];
}

const excerpt = (value: Json): string => JSON.stringify(value).slice(0, MAX_EXCERPT).toWellFormed();

/** The outputs of the steps that are done and whose answer is known. */
export const outputsOf = (steps: ReadonlyMap<string, StepEnd>) =>
  new Map(
    [...steps].flatMap(([id, { state, unknown, output }]) =>
      state === 'done' && !unknown ? [[id, output] as const] : [],
    ),
  );
