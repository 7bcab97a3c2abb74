import {
  type Answer,
  ApprovalDecision,
  type agentTools,
  EffectDecision,
  type PendingEntry,
  problem,
} from '@errand/contracts';
import type { AgentCall, AgentContext } from '../agent-call.ts';
import { answerForm, answerInput, askDecision } from '../ask-user.ts';

export const decide: AgentCall<typeof agentTools.decide> = async (input, context) => {
  const ids = [input.approvalId, input.requestId, input.effectId].filter((id) => id !== undefined);
  const [id] = ids;
  if (id === undefined || ids.length > 1)
    throw problem('validation_failed', 'The call needs exactly one of approvalId, requestId and effectId.', {
      remedy: 'Take the id from list_pending.',
    });
  const entry = await findPending(context, id);
  if (entry.kind === 'input') return answerInput(context, entry, input);
  if (entry.kind === 'question' && entry.requestedSchema) return answerForm(context, entry, input.answer);
  const sentAnswer = input.requestId === undefined ? input.decision : input.answer;
  const elicitedAnswer = sentAnswer === undefined ? await askDecision(context, entry) : undefined;
  if (typeof elicitedAnswer === 'object') return elicitedAnswer;
  const finalAnswer: Answer = elicitedAnswer ?? sentAnswer!;
  const { operations } = context;
  if (entry.requestId !== undefined) {
    const { requestId } = entry;
    const { answer, runId } = await operations.questions.answer({ requestId, answer: finalAnswer });
    return { runId, decision: answer };
  }
  const reason = input.reason === undefined ? {} : { reason: input.reason };
  if (entry.effectId !== undefined) {
    const decision = optionOf(EffectDecision, finalAnswer);
    const { runId } = await operations.effects.resolve({ effectId: entry.effectId, decision, ...reason });
    return { runId, decision };
  }
  const decision = optionOf(ApprovalDecision, finalAnswer);
  const { runId } = await operations.approvals.decide({ approvalId: entry.approvalId!, decision, ...reason });
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
function optionOf<W extends string>({ options }: { options: readonly W[] }, answer: Answer): W {
  const match = options.find((option) => option === answer);
  if (match === undefined) throw problem('validation_failed', `decision must be one of ${options.join(', ')}.`);
  return match;
}
