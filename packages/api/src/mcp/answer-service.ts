import { type Answer, type InputAnswer, type PendingEntry, problem } from '@errand/contracts';
import { type InputRequiredResult, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import type { AgentContext } from './agent-call.ts';
import { canAsk } from './ask-person.ts';

const KEY = 'input';

/**
 * Answers what a service asks in the middle of a call; where nothing is given, its form is passed on to the person at the client.
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
 * Answers the fields of a question; where no answer is given, the form is passed on to the person at the client.
 * @throws ProblemError validation_failed when the client cannot ask
 */
export async function answerFields(
  context: AgentContext,
  item: PendingEntry,
  answer: Answer | undefined,
): Promise<{ runId: string; decision: Answer } | InputRequiredResult> {
  const elicited = answer === undefined ? elicitedAnswer(context, item) : undefined;
  if (answer === undefined && elicited === undefined) return ask(context, item);
  if (elicited?.action === 'cancel')
    throw problem('validation_failed', 'The user decided nothing, so it still waits. Ask in words, or show the link.');
  const answered = await context.operations.questions.answer({
    requestId: item.requestId!,
    answer: elicited ? ((elicited.content ?? null) as Answer) : answer!,
  });
  return { runId: answered.runId, decision: answered.answer };
}

/** What the person at the client has said. */
function elicitedAnswer({ mcp: { mcpReq } }: AgentContext, { requestId }: PendingEntry): InputAnswer | undefined {
  const response = inputResponse(mcpReq.inputResponses, KEY);
  if (response.kind !== 'elicit' || mcpReq.requestState<{ id: string }>()?.id !== requestId) return undefined;
  const { action, content } = response;
  return { action, ...(action === 'accept' && content && { content: content as InputAnswer['content'] }) };
}

async function ask(context: AgentContext, item: PendingEntry) {
  const { text, requestedSchema, openUrl, requestId } = item;
  if (requestedSchema === undefined || !canAsk(context))
    throw problem(
      'validation_failed',
      openUrl === undefined
        ? `This client cannot ask the user. Ask in words and send ${item.kind === 'question' ? 'answer' : 'action and content'}, or show the link of run_status.`
        : 'The user must open a page. Show the link of run_status, or show openUrl and send action once the user has opened it.',
    );
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit({ message: text, requestedSchema: requestedSchema as never }) },
    requestState: await context.seal({ id: requestId! }),
  });
}
