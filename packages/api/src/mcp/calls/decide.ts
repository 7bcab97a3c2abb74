import {
  type Answer,
  ApprovalDecision,
  type agentTools,
  EffectDecision,
  type PendingEntry,
  problem,
} from '@errand/contracts';
import type { AgentCall, AgentContext } from '../agent-call.ts';
import { answerFields, answerService, askPerson } from '../ask-user.ts';

export const decide: AgentCall<typeof agentTools.decide> = async (input, context) => {
  const ids = [input.approvalId, input.requestId, input.effectId].filter((id) => id !== undefined);
  const [id] = ids;
  if (id === undefined || ids.length > 1)
    throw problem('validation_failed', 'The call needs exactly one of approvalId, requestId and effectId.', {
      remedy: 'Take the id from list_pending.',
    });
  const item = await findPending(context, id);
  if (item.kind === 'input') return answerService(context, item, input);
  if (item.kind === 'question' && item.requestedSchema) return answerFields(context, item, input.answer);
  const direct = input.requestId === undefined ? input.decision : input.answer;
  const chosen = direct === undefined ? await askPerson(context, item) : undefined;
  if (typeof chosen === 'object') return chosen;
  const finalAnswer: Answer = chosen ?? direct!;
  const { operations } = context;
  if (item.requestId !== undefined) {
    const { requestId } = item;
    const { answer, runId } = await operations.questions.answer({ requestId, answer: finalAnswer });
    return { runId, decision: answer };
  }
  const reason = input.reason === undefined ? {} : { reason: input.reason };
  if (item.effectId !== undefined) {
    const decision = fitting(EffectDecision, finalAnswer);
    const { runId } = await operations.effects.resolve({ effectId: item.effectId, decision, ...reason });
    return { runId, decision };
  }
  const decision = fitting(ApprovalDecision, finalAnswer);
  const { runId } = await operations.approvals.decide({ approvalId: item.approvalId!, decision, ...reason });
  return { runId, decision };
};

/** The open request with this id, if it belongs to a run of the user. @throws ProblemError not_found */
async function findPending({ operations, userId }: AgentContext, id: string): Promise<PendingEntry> {
  let cursor: string | undefined;
  do {
    const page = await operations.pending.list({ userId, pageSize: 100, ...(cursor !== undefined && { cursor }) });
    const entry = page.pending.find((entry) => [entry.approvalId, entry.requestId, entry.effectId].includes(id));
    if (entry) return entry;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  throw problem('not_found', 'This user has no open request with this id.');
}

/** @throws ProblemError validation_failed */
function fitting<W extends string>({ options }: { options: readonly W[] }, answer: Answer): W {
  const word = options.find((option) => option === answer);
  if (word === undefined) throw problem('validation_failed', `decision must be one of ${options.join(', ')}.`);
  return word;
}
