import {
  type Answer,
  ApprovalDecision,
  EffectDecision,
  type InputAnswer,
  type PendingEntry,
  problem,
} from '@errand/contracts';
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import type { AgentContext } from './agent-call.ts';

/** Keys of the questions to the user of the client. */
const DECISION = 'decision';
const INPUT = 'input';

/**
 * The decision of the user of the client; before the client has asked, the request to ask.
 * @throws ProblemError validation_failed if the client cannot ask, or the user did not decide
 */
export async function askDecision(
  context: AgentContext,
  entry: PendingEntry,
): Promise<string | number | boolean | InputRequiredResult> {
  const { mcpReq } = context.mcp;
  const id = (entry.approvalId ?? entry.requestId ?? entry.effectId)!;
  const options = decisionOptions(entry);
  const response = inputResponse(mcpReq.inputResponses, DECISION);
  if (response.kind === 'elicit' && mcpReq.requestState<{ id: string }>()?.id === id) {
    if (response.action !== 'accept') throw notDecided();
    const choice = response.content?.[DECISION];
    if (typeof choice === 'string' && (options === undefined || options.includes(choice)))
      return entry.choices?.find(({ label }) => label === choice)?.value ?? choice;
  }
  if (!canAsk(context)) throw cannotAsk('decision or answer');
  return inputRequired({
    inputRequests: {
      [DECISION]: inputRequired.elicit({
        message: entry.text,
        requestedSchema: {
          type: 'object',
          properties: { [DECISION]: { type: 'string', title: 'Decision', ...(options && { enum: options }) } },
          required: [DECISION],
        },
      }),
    },
    requestState: await context.seal({ id }),
  });
}

const notDecided = () =>
  problem('validation_failed', 'The user did not decide, so the request is still open.', {
    remedy: 'Ask in words, or show the link.',
  });

/** @param members of `decide` that answer without the client */
const cannotAsk = (members: string) =>
  problem('validation_failed', 'This client cannot ask the user.', {
    remedy: `Ask in words and send ${members}, or show the link of run_status.`,
  });

/** Whether the client can ask its user. */
function canAsk({ mcp: { mcpReq } }: AgentContext): boolean {
  const envelope = mcpReq.envelope as Record<string, { elicitation?: object }> | undefined;
  return envelope?.[CLIENT_CAPABILITIES_META_KEY]?.elicitation !== undefined;
}

/** The words to choose from; undefined if the user answers in free text. */
function decisionOptions({ requestId, effectId, choices }: PendingEntry): string[] | undefined {
  if (requestId !== undefined) return choices?.map(({ label }) => label);
  return [...(effectId === undefined ? ApprovalDecision.options : EffectDecision.options)];
}

/**
 * Answers the input request of a service. Without an answer, the user of the client gets the form.
 * @throws ProblemError validation_failed when the client cannot ask
 */
export async function answerInput(
  context: AgentContext,
  entry: PendingEntry,
  { action, content }: Partial<InputAnswer>,
): Promise<{ runId: string; decision: string } | InputRequiredResult> {
  const answer = action === undefined ? elicitedAnswer(context, entry) : { action, ...(content && { content }) };
  if (answer === undefined) return elicitForm(context, entry);
  const requestId = entry.requestId!;
  const result = await context.operations.inputs.answer({ requestId, ...answer });
  return { runId: result.runId, decision: result.action };
}

/**
 * Answers the fields of a question. Without an answer, the user of the client gets the form.
 * @throws ProblemError validation_failed when the client cannot ask
 */
export async function answerForm(
  context: AgentContext,
  entry: PendingEntry,
  answer: Answer | undefined,
): Promise<{ runId: string; decision: Answer } | InputRequiredResult> {
  const elicited = answer === undefined ? elicitedAnswer(context, entry) : undefined;
  if (answer === undefined && elicited === undefined) return elicitForm(context, entry);
  if (elicited?.action === 'cancel') throw notDecided();
  const result = await context.operations.questions.answer({
    requestId: entry.requestId!,
    answer: elicited ? ((elicited.content ?? null) as Answer) : answer!,
  });
  return { runId: result.runId, decision: result.answer };
}

/** The answer of the user of the client. */
function elicitedAnswer({ mcp: { mcpReq } }: AgentContext, { requestId }: PendingEntry): InputAnswer | undefined {
  const response = inputResponse(mcpReq.inputResponses, INPUT);
  if (response.kind !== 'elicit' || mcpReq.requestState<{ id: string }>()?.id !== requestId) return undefined;
  const { action, content } = response;
  return { action, ...(action === 'accept' && content && { content: content as InputAnswer['content'] }) };
}

async function elicitForm(context: AgentContext, entry: PendingEntry) {
  const { text, requestedSchema, openUrl, requestId } = entry;
  if (requestedSchema === undefined || !canAsk(context))
    throw openUrl === undefined
      ? cannotAsk(entry.kind === 'question' ? 'answer' : 'action and content')
      : problem('validation_failed', 'The user must open a page.', {
          remedy: 'Show the link of run_status, or show openUrl and send action after the user has opened it.',
        });
  return inputRequired({
    inputRequests: { [INPUT]: inputRequired.elicit({ message: text, requestedSchema: requestedSchema as never }) },
    requestState: await context.seal({ id: requestId! }),
  });
}
