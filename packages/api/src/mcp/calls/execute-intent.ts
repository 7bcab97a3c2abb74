import type { agentTools } from '@errand/contracts';
import type { AgentCall } from '../agent-call.ts';
import { pick } from '../pick.ts';

export const executeIntent: AgentCall<typeof agentTools.executeIntent> = async (
  { customerIntegrationIds, ...input },
  { operations, userId },
) => {
  const selected = { selectedCustomerIntegrationIds: customerIntegrationIds };
  const run = await operations.runs.create({ ...input, ...selected, userId });
  return pick(run, ['runId', 'status', 'executionPlanId', 'createdAt']);
};
