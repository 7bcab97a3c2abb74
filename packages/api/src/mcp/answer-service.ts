import { type Answer, type InputAnswer, type PendingEntry, problem } from '@errand/contracts';
import { type InputRequiredResult, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import type { AgentContext } from './agent-call.ts';
import { canAsk, cannotAsk, undecided } from './ask-person.ts';

const KEY = 'input';

/**
 * Answers the input request of a service. Without an answer, the user of the client gets the form.
 * @throws ProblemError validation_failed when the client cannot ask
 */
export async function answerService(
  context: AgentContext,
  item: PendingEntry,
  { action, content }: Partial<InputAnswer>,
): Promise<{ runId: string; decision: string } | InputRequiredResult> {
  const answer = action === undefined ? elicitedAnswer(context, item) : { action, ...(content && { content }) };
  if (answer === undefined) return ask(context, item);
  const requestId = item.requestId!;
  const answered = await context.operations.inputs.answer({ requestId, ...answer });
  return { runId: answered.runId, decision: answered.action };
}

/**
 * Answers the fields of a question. Without an answer, the user of the client gets the form.
 * @throws ProblemError validation_failed when the client cannot ask
 */
export async function answerFields(
  context: AgentContext,
  item: PendingEntry,
  answer: Answer | undefined,
): Promise<{ runId: string; decision: Answer } | InputRequiredResult> {
  const elicited = answer === undefined ? elicitedAnswer(context, item) : undefined;
  if (answer === undefined && elicited === undefined) return ask(context, item);
  if (elicited?.action === 'cancel') throw undecided();
  const answered = await context.operations.questions.answer({
    requestId: item.requestId!,
    answer: elicited ? ((elicited.content ?? null) as Answer) : answer!,
  });
  return { runId: answered.runId, decision: answered.answer };
}

/** The answer of the user of the client. */
function elicitedAnswer({ mcp: { mcpReq } }: AgentContext, { requestId }: PendingEntry): InputAnswer | undefined {
  const response = inputResponse(mcpReq.inputResponses, KEY);
  if (response.kind !== 'elicit' || mcpReq.requestState<{ id: string }>()?.id !== requestId) return undefined;
  const { action, content } = response;
  return { action, ...(action === 'accept' && content && { content: content as InputAnswer['content'] }) };
}

async function ask(context: AgentContext, item: PendingEntry) {
  const { text, requestedSchema, openUrl, requestId } = item;
  if (requestedSchema === undefined || !canAsk(context))
    throw openUrl === undefined
      ? cannotAsk(item.kind === 'question' ? 'answer' : 'action and content')
      : problem('validation_failed', 'The user must open a page.', {
          remedy: 'Show the link of run_status, or show openUrl and send action after the user has opened it.',
        });
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit({ message: text, requestedSchema: requestedSchema as never }) },
    requestState: await context.seal({ id: requestId! }),
  });
}
