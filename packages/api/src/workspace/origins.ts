import { problem } from '@errand/contracts';
import type { ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';

/** Origins outside the public internet that calls of the workspace may reach. */
export const originHandlers: Pick<ContractHandlers['workspace'], 'origins' | 'allowOrigin' | 'removeOrigin'> = {
  origins: async ({ input, ctx }) => {
    const list = { name: 'workspace.origins', ownerId: ctx.principal.workspaceId };
    const { rows, ...next } = await ctx.deps.lists.read(list, input, {
      read: (after: string | undefined, limit) => ctx.workspaceDb.origins.list({ after, limit }),
      positionOf: ({ origin }) => origin,
    });
    return { origins: rows, ...next };
  },
  allowOrigin: async ({ input, ctx: { deps, principal, workspaceDb } }) => {
    if (!deps.allowedOrigins.isEnabled) throw problem('origins_not_enabled');
    await deps.allowedOrigins.check(input.origin).catch((cause) => {
      const { code, message, remedy } = cause as Error & { code?: unknown; remedy?: string };
      if (code !== 'url_not_allowed') throw cause;
      const errors = [{ pointer: '/origin', message }];
      throw problem('url_not_allowed', message, { errors, cause, ...(remedy !== undefined && { remedy }) });
    });
    const allowed = await workspaceDb.origins.allow(input);
    deps.allowedOrigins.forget(principal.workspaceId);
    return allowed;
  },
  removeOrigin: async ({ input, ctx: { deps, principal, workspaceDb } }) => {
    orNotFound(await workspaceDb.origins.remove(input.origin), 'origin');
    deps.allowedOrigins.forget(principal.workspaceId);
    return null;
  },
};
