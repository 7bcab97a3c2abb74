import {
  type AnsweredInput,
  type AnswerInputInput,
  type InputAction,
  type InputAnswer,
  type InputView,
  type Json,
  type JsonSchema,
  type Principal,
  problem,
} from '@errand/contracts';
import { type DecisionRequest, type FoundDecisionRequest, findDecisionRequest, type RunScope } from '@errand/db';
import { canonicalJson } from '@errand/plan';
import { checkValue, invalid } from '../../model/validate.ts';
import type { StoredInput } from '../ask/input-requests.ts';
import { type DecideDeps, decideOpen } from './decide.ts';

/** A request of a service to the user, for the page that shows it. */
export async function readInput(scope: RunScope, requestId: string): Promise<InputView> {
  const row = await findInputRequest(scope, requestId);
  const storedAnswer = answerIn(row);
  const open = row.decision === null && !row.expired;
  const state = open ? 'pending' : storedAnswer ? 'answered' : 'gone';
  return {
    requestId,
    runId: row.runId,
    userId: row.userId,
    customerIntegrationId: row.customerIntegrationId!,
    intent: row.intent,
    text: row.text,
    ...(formOf(row) as { requestedSchema?: JsonSchema; openUrl?: string }),
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
    state,
    ...(storedAnswer && { action: storedAnswer.action }),
    ...(row.decidedBy !== null && { answeredBy: row.decidedBy }),
  };
}

/** `asShown`: the person saw the form with its defaults, so a missing field was cleared on purpose. */
type SentInput = AnswerInputInput & { asShown?: boolean };

/**
 * Answers a request of a service, once; the run is due at once. Accepting applies the defaults of omitted fields.
 * @throws ProblemError input_not_found, input_gone, input_already_answered; validation_failed when the content does not fit the form
 */
export async function answerInput(
  scope: RunScope,
  deps: DecideDeps,
  { requestId, asShown, ...sentAnswer }: SentInput,
  by: Principal,
): Promise<AnsweredInput> {
  const row = await findInputRequest(scope, requestId);
  const answer = asShown ? sentAnswer : withDefaults(sentAnswer, row);
  if (row.decidedAt !== null) return toAnsweredOrConflict(row, answer);
  await checkContent(scope, deps, row, answer);
  const decided = await decideOpen(scope, deps, requestId, {
    decision: {
      decision: answer.action === 'accept' ? 'answer' : 'deny',
      by,
      kinds: ['input'],
      output: answer as Json,
    },
    events: [{ type: 'answer', requestId, action: answer.action, answeredBy: by.label }],
  });
  return toAnsweredOrConflict(decided?.request ?? (await findInputRequest(scope, requestId)), answer);
}

async function findInputRequest(scope: RunScope, requestId: string): Promise<FoundDecisionRequest> {
  const row = await findDecisionRequest(scope, requestId);
  if (row?.kind === 'input') return row;
  throw problem('input_not_found', 'There is no such request of a service.');
}

const formOf = ({ args }: DecisionRequest): Partial<StoredInput['form']> =>
  (args as unknown as StoredInput | null)?.form ?? {};

const answerIn = ({ output }: DecisionRequest): InputAnswer | undefined => (output as InputAnswer | null) ?? undefined;

function withDefaults(answer: InputAnswer, row: DecisionRequest): InputAnswer {
  const form = formOf(row);
  if (answer.action !== 'accept' || !answer.content || !('requestedSchema' in form)) return answer;
  const { properties = {} } = form.requestedSchema as { properties?: { [name: string]: { default?: Json } } };
  const missing = Object.entries(properties).flatMap(([name, { default: preset }]) =>
    preset === undefined || Object.hasOwn(answer.content!, name) ? [] : [[name, preset]],
  );
  return { ...answer, content: { ...answer.content, ...Object.fromEntries(missing) } };
}

async function checkContent(
  scope: RunScope,
  { sandbox }: DecideDeps,
  row: DecisionRequest,
  { action, content }: InputAnswer,
): Promise<void> {
  const form = formOf(row);
  const schema = 'requestedSchema' in form ? form.requestedSchema : undefined;
  if (action !== 'accept' || schema === undefined) {
    if (content === undefined || Object.keys(content).length === 0) return;
    const page = 'The request has no form, only a page to open.';
    throw invalid('/content', action === 'accept' ? page : `\`content\` is not allowed with ${action}.`);
  }
  if (content === undefined) throw invalid('/content', 'Send the values of the form as `content`.');
  const detail = 'The values do not fit the form.';
  await checkValue(sandbox.for(scope.workspaceId), schema as JsonSchema, content, { at: '/content', detail });
}

// The stored answer, if it equals this one.
function toAnsweredOrConflict(row: DecisionRequest, answer: InputAnswer): AnsweredInput {
  if (row.decision === 'void') throw problem('input_gone', 'The run has ended; there is nothing left to answer.');
  const storedAnswer = answerIn(row);
  if (row.decidedAt === null || !storedAnswer)
    throw problem('input_gone', 'It has expired: the service is not waiting any more.');
  if (canonicalJson(storedAnswer as unknown as Json) !== canonicalJson(answer as unknown as Json))
    throw problem('input_already_answered', `It was answered already: ${answerWords[storedAnswer.action]}.`, {
      values: { action: storedAnswer.action, answeredBy: row.decidedBy ?? undefined },
    });
  return {
    requestId: row.decisionRequestId,
    runId: row.runId,
    action: storedAnswer.action,
    ...(row.decidedBy !== null && { answeredBy: row.decidedBy }),
    answeredAt: row.decidedAt.toISOString(),
  };
}

const answerWords: Record<InputAction, string> = {
  accept: 'with what was entered',
  decline: 'declined',
  cancel: 'put aside',
};
