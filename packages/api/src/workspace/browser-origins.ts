import type { ContractHandlers } from '../context.ts';

/** Origins of web pages that may use user tokens of the workspace. */
export const browserOriginHandlers: Pick<ContractHandlers['workspace'], 'browserOrigins' | 'setBrowserOrigins'> = {
  browserOrigins: async ({ ctx }) => ({ origins: await ctx.workspaceDb.browserOrigins.list() }),
  setBrowserOrigins: async ({ input, ctx: { deps, principal, workspaceDb } }) => {
    deps.browserOrigins.checkOffered(input.origins);
    const origins = await workspaceDb.browserOrigins.set(input.origins);
    deps.browserOrigins.forget(principal.workspaceId);
    return { origins };
  },
};
