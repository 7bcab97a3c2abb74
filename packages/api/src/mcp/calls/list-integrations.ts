import type { agentTools } from '@errand/contracts';
import type { AgentCall } from '../agent-call.ts';
import { pick } from '../pick.ts';

export const listIntegrations: AgentCall<typeof agentTools.listIntegrations> = async (input, { operations }) => ({
  integrations: (await operations.integrations.list(input)).map((integration) =>
    pick(integration, ['customerIntegrationId', 'name', 'description', 'authType']),
  ),
});
