import { problem } from '@errand/contracts';
import type { Caller } from '@errand/db';
import type { Authorize } from '@errand/trpc-openapi';
import type { Context, RequestContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { readKey, unauthenticated } from './read-key.ts';

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
    const scopes: readonly string[] = caller.scopes;
    if (op.scope !== null && !scopes.includes(op.scope) && !scopes.includes('admin')) {
      const held = scopes.join(', ') || 'none';
      throw problem('insufficient_scope', `This needs the scope ${op.scope}; the key holds: ${held}.`);
    }
    return {
      caller,
      deps,
      get own() {
        return deps.db.forWorkspace(caller.workspaceId);
      },
    };
  };
}
