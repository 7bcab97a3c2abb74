import type { ContractHandlers } from '../context.ts';

/** The state of the workspace, for its administrators. */
export const workspace: ContractHandlers['workspace'] = {
  status: async ({ ctx: { workspaceDb, principal, deps } }) => {
    const { approvals, features, limits } = deps.instance;
    return {
      workspaceId: principal.workspaceId,
      approvals,
      features,
      limits,
      integrations: await workspaceDb.integrations.health(),
    };
  },
};
