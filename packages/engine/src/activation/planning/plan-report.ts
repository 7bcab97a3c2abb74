import { isRecord } from '@errand/basics/is-record';
import type { Json, Plan, PlanFailure, RunError } from '@errand/contracts';
import type { CallEnd, PlanEnd, StepEnd, StepError } from '@errand/plan';
import type { StoredCall } from '../../events/event-json.ts';
import { detailForPlanner } from '../../events/step-text.ts';

/** Maximum failed calls of a step in a report, and characters of each part of a call. */
const MAX_CALLS = 3;
const MAX_EXCERPT = 4096;

/**
 * The failures of a plan for the next planning, with excerpts of arguments and answers.
 * @param renderCall the event form of a call of a tool
 */
export function failuresOf(
  plan: Plan,
  end: PlanEnd,
  resultError: RunError | null,
  renderCall: (call: CallEnd, tool: string) => StoredCall | undefined,
): PlanFailure[] {
  const failures = [...end.steps].flatMap(([stepId, { state, error, calls }]): PlanFailure[] => {
    if (!error || (state !== 'failed' && state !== 'denied')) return [];
    const failed = calls.filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'denied');
    const { tool } = plan.steps.find(({ id }) => id === stepId)!;
    const excerpts = failed.slice(0, MAX_CALLS).flatMap((call) => excerptsOf(renderCall(call, tool)));
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
  detail: detailForPlanner(error),
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

/** The outputs of finished steps with a known answer. */
export const outputsOf = (steps: ReadonlyMap<string, StepEnd>) =>
  new Map(
    [...steps].flatMap(([id, { state, unknown, output }]) =>
      state === 'done' && !unknown ? [[id, output] as const] : [],
    ),
  );
