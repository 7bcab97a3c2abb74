import type { agentTools } from '@errand/contracts';
import type { AgentCall } from '../agent-call.ts';

export const searchTools: AgentCall<typeof agentTools.searchTools> = async (input, { operations }) => ({
  tools: await operations.tools.search(input),
});
