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
 * The decision of the user of the client; before the client has asked, the request to ask.
 * @throws ProblemError validation_failed if the client cannot ask, or the user did not decide
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
    if (response.action !== 'accept') throw undecided();
    const choice = response.content?.[KEY];
    if (typeof choice === 'string' && (words === undefined || words.includes(choice)))
      return item.choices?.find(({ label }) => label === choice)?.value ?? choice;
  }
  if (!canAsk(context)) throw cannotAsk('decision or answer');
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

export const undecided = () =>
  problem('validation_failed', 'The user did not decide, so the request is still open.', {
    remedy: 'Ask in words, or show the link.',
  });

/** @param members of `decide` that answer without the client */
export const cannotAsk = (members: string) =>
  problem('validation_failed', 'This client cannot ask the user.', {
    remedy: `Ask in words and send ${members}, or show the link of run_status.`,
  });

/** Whether the client can ask its user. */
export function canAsk({ mcp: { mcpReq } }: AgentContext): boolean {
  const envelope = mcpReq.envelope as Record<string, { elicitation?: object }> | undefined;
  return envelope?.[CLIENT_CAPABILITIES_META_KEY]?.elicitation !== undefined;
}

/** The words to choose from; undefined if the user answers in free text. */
function wordsOf({ requestId, effectId, choices }: PendingEntry): string[] | undefined {
  if (requestId !== undefined) return choices?.map(({ label }) => label);
  return [...(effectId === undefined ? ApprovalDecision.options : EffectDecision.options)];
}
