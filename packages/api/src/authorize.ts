import type { Caller } from '@errand/db';
import type { Authorize } from '@errand/trpc-openapi';
import type { Context, RequestContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { readKey, unauthenticated } from './read-key.ts';
import { holds, lacks } from './scope.ts';

/**
 * Tells who asks by the API key, and refuses operations whose scope the key does not hold (`admin` holds all).
 * @param seen is told of each caller, for the log
 */
export function authorizer(
  deps: ApiDeps,
  seen: (request: object, caller: Caller) => void,
): Authorize<RequestContext, Context> {
  return async ({ ctx, op }) => {
    const caller = await deps.db.apiKeys.verify(readKey(ctx.headers));
    // one answer for unknown, mistyped, revoked and expired keys
    if (!caller) throw unauthenticated('The API key is not valid. Check it, or ask for a new one.');
    seen(ctx.request, caller);
    if (!holds(caller.scopes, op.scope)) throw lacks(caller.scopes, op.scope);
    return {
      caller,
      deps,
      get own() {
        return deps.db.forWorkspace(caller.workspaceId);
      },
    };
  };
}
