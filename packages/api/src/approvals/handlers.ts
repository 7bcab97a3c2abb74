import { actingPrincipal } from '../acting-for.ts';
import { type ContractHandlers, readerQuery } from '../context.ts';
import { decideApproval } from './decide-approval.ts';

/** Requests to approve a plan or a call. */
export const approvals: ContractHandlers['approvals'] = {
  get: ({ input, ctx }) => ctx.deps.engine.readApprovalEntry(ctx.principal.workspaceId, readerQuery(ctx, input)),
  decide: async ({ input: { onBehalfOf, ...input }, ctx }) =>
    decideApproval(ctx, actingPrincipal(ctx.principal, onBehalfOf), input),
};
