import { AGENT_ENTRY_FIELDS, type agentTools } from '@errand/contracts';
import type { AgentCall } from '../agent-call.ts';
import { pick } from '../pick.ts';

export const listPending: AgentCall<typeof agentTools.listPending> = async (input, { operations, userId }) => {
  const { pending, ...page } = await operations.pending.list({ ...input, userId });
  return { ...page, pending: pending.map((entry) => pick(entry, AGENT_ENTRY_FIELDS)) };
};
