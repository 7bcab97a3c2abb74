import { ApprovalDecision, EffectDecision, type PendingEntry, problem } from '@errand/contracts';
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import type { AgentContext } from './agent-call.ts';

const KEY = 'decision';

/**
 * The word of the person at the client; where the client has not asked yet, the request to ask.
 * @throws ProblemError validation_failed when the client cannot ask, or the person gave none
 */
export async function askPerson(
  context: AgentContext,
  item: PendingEntry,
): Promise<string | number | boolean | InputRequiredResult> {
  const { mcpReq } = context.mcp;
  const id = (item.approvalId ?? item.requestId ?? item.effectId)!;
  const words = wordsOf(item);
  const response = inputResponse(mcpReq.inputResponses, KEY);
  if (response.kind === 'elicit' && mcpReq.requestState<{ id: string }>()?.id === id) {
    if (response.action !== 'accept')
      throw problem(
        'validation_failed',
        'The user decided nothing, so it still waits. Ask in words, or show the link.',
      );
    const choice = response.content?.[KEY];
    if (typeof choice === 'string' && (words === undefined || words.includes(choice)))
      return item.choices?.find(({ label }) => label === choice)?.value ?? choice;
  }
  if (!canAsk(context))
    throw problem(
      'validation_failed',
      'This client cannot ask the user. Ask in words and send decision or answer, or show the link of run_status.',
    );
  return inputRequired({
    inputRequests: {
      [KEY]: inputRequired.elicit({
        message: item.text,
        requestedSchema: {
          type: 'object',
          properties: { [KEY]: { type: 'string', title: 'Decision', ...(words && { enum: words }) } },
          required: [KEY],
        },
      }),
    },
    requestState: await context.seal({ id }),
  });
}

/** Whether the client can ask the person before it. */
export function canAsk({ mcp: { mcpReq } }: AgentContext): boolean {
  const envelope = mcpReq.envelope as Record<string, { elicitation?: object }> | undefined;
  return envelope?.[CLIENT_CAPABILITIES_META_KEY]?.elicitation !== undefined;
}

/** The words to choose from; none where the person answers in words of their own. */
function wordsOf({ requestId, effectId, choices }: PendingEntry): string[] | undefined {
  if (requestId !== undefined) return choices?.map(({ label }) => label);
  return [...(effectId === undefined ? ApprovalDecision.options : EffectDecision.options)];
}
