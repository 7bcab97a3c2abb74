import { AGENT_ENTRY_FIELDS, type agentTools } from '@errand/contracts';
import type { AgentCall } from '../agent-call.ts';
import { decide } from './decide.ts';
import { pick } from './pick.ts';
import { runStatus } from './run-status.ts';

/** One call for each tool of the contract. */
export type AgentCalls = { readonly [Name in keyof typeof agentTools]: AgentCall<(typeof agentTools)[Name]> };

export const agentToolHandlers: AgentCalls = {
  listIntegrations: async (input, { operations }) => {
    const { integrations, ...next } = await operations.integrations.list(input);
    const fields = ['customerIntegrationId', 'name', 'description', 'authType'] as const;
    return { integrations: integrations.map((integration) => pick(integration, fields)), ...next };
  },
  searchTools: (input, { operations }) => operations.tools.search(input),
  executeIntent: async ({ customerIntegrationIds, ...input }, { operations, userId }) => {
    const selected = { selectedCustomerIntegrationIds: customerIntegrationIds };
    const run = await operations.runs.create({ ...input, ...selected, userId });
    return pick(run, ['runId', 'status', 'executionPlanId', 'createdAt']);
  },
  runStatus,
  listPending: async (input, { operations, userId }) => {
    const { pending, ...page } = await operations.pending.list({ ...input, userId });
    return { ...page, pending: pending.map((entry) => pick(entry, AGENT_ENTRY_FIELDS)) };
  },
  decide,
};
