import { actingPrincipal } from '../acting-for.ts';
import { type ContractHandlers, readerQuery } from '../context.ts';
import { decidePending } from './decide-pending.ts';
import { watchPending } from './watch-pending.ts';

/** The open requests to people, and decisions about several of them. */
export const pending: ContractHandlers['pending'] = {
  list: ({ input, ctx }) => ctx.deps.engine.listPending(ctx.principal.workspaceId, readerQuery(ctx, input)),
  watch: watchPending,
  decide: decidePending,
};

export const effects: ContractHandlers['effects'] = {
  resolve: async ({ input: { onBehalfOf, ...input }, ctx }) =>
    ctx.deps.engine.resolveEffect(ctx.principal.workspaceId, input, actingPrincipal(ctx.principal, onBehalfOf)),
};
