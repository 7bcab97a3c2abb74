import { holds, type KeyPrincipal } from '@errand/contracts';
import type { Authorize } from '@errand/trpc-openapi';
import type { Context, RequestContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { tooManyWrong, WrongKeys } from './limits/wrong-keys.ts';
import { readKey, unauthenticated } from './read-key.ts';
import { insufficientScope } from './scope.ts';

/**
 * Authenticates by API key, counts the request, and refuses operations whose scope the key does not hold (`admin` holds all).
 * @param seen called with each principal, for the log
 */
export function authorizer(
  deps: ApiDeps,
  seen: (request: object, principal: KeyPrincipal) => void,
): Authorize<RequestContext, Context> {
  const wrong = new WrongKeys();
  return async ({ ctx, op }) => {
    const key = readKey(ctx.headers);
    const waitMs = wrong.waitMs(ctx.request);
    const known = await deps.db.apiKeys.verify(key, waitMs > 0 ? { onlyKnown: true } : undefined);
    if (!known) {
      if (waitMs > 0) throw tooManyWrong(waitMs);
      wrong.note(ctx.request);
      // one answer for unknown, mistyped, revoked and expired keys
      throw unauthenticated('The API key is not valid. Check it, or ask for a new one.');
    }
    const principal = { ...known, ip: ctx.request.ip };
    seen(ctx.request, principal);
    const fields = deps.rate.spend(principal);
    if (fields) ctx.reply.headers(fields instanceof Promise ? await fields : fields);
    if (!holds(principal, op.scope)) throw insufficientScope(principal.scopes, op.scope);
    return {
      principal,
      deps,
      room: ctx.room,
      over: ctx.over,
      get workspaceDb() {
        return deps.db.forWorkspace(principal.workspaceId, principal);
      },
    };
  };
}
