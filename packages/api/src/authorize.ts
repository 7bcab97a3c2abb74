import type { Caller } from '@errand/db';
import type { Authorize } from '@errand/trpc-openapi';
import { actorOf } from './actor.ts';
import type { Context, RequestContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { tooManyWrong, WrongKeys } from './limits/wrong-keys.ts';
import { readKey, unauthenticated } from './read-key.ts';
import { holds, lacks } from './scope.ts';

/**
 * Tells who asks by the API key, counts what is asked, and refuses operations whose scope the key does not hold (`admin` holds
 * all).
 * @param seen is told of each caller, for the log
 */
export function authorizer(
  deps: ApiDeps,
  seen: (request: object, caller: Caller) => void,
): Authorize<RequestContext, Context> {
  const wrong = new WrongKeys();
  return async ({ ctx, op }) => {
    const key = readKey(ctx.headers);
    const waitMs = wrong.waitMs(ctx.request);
    const caller = await deps.db.apiKeys.verify(key, waitMs > 0 ? { onlyKnown: true } : undefined);
    if (!caller) {
      if (waitMs > 0) throw tooManyWrong(waitMs);
      wrong.note(ctx.request);
      // one answer for unknown, mistyped, revoked and expired keys
      throw unauthenticated('The API key is not valid. Check it, or ask for a new one.');
    }
    seen(ctx.request, caller);
    const fields = deps.rate.spend(caller);
    if (fields) ctx.reply.headers(fields instanceof Promise ? await fields : fields);
    if (!holds(caller.scopes, op.scope)) throw lacks(caller.scopes, op.scope);
    const actor = actorOf(caller, ctx.request.ip);
    return {
      caller,
      actor,
      deps,
      get own() {
        return deps.db.forWorkspace(caller.workspaceId, actor);
      },
    };
  };
}
