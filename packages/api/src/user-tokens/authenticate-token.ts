import type { IncomingHttpHeaders } from 'node:http';
import type { UserTokenPrincipal } from '@errand/contracts';
import { USER_TOKEN_PREFIX } from '@errand/db';
import type { Authorize } from '@errand/trpc-openapi';
import type { RequestContext } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { FailedAttempts, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import { tokenEnded, unknownToken, userTokenRefused } from './refusals.ts';

// inserts a prefix: it is a word
const BEARER = new RegExp(`^Bearer +(${USER_TOKEN_PREFIX}\\S*)\\s*$`, 'i');

export const isUserToken = (text: string): boolean => text.startsWith(USER_TOKEN_PREFIX);

/** Whether the request is that of a user token: `Authorization` has one, and there is no key. */
export const hasUserToken = ({ authorization, 'x-api-key': key }: IncomingHttpHeaders): boolean =>
  !key && authorization !== undefined && authorization.includes(USER_TOKEN_PREFIX);

/** As `authorize`, for routes outside the contract: they refuse user tokens. */
export const refusingUserTokens =
  <HandlerContext>(authorize: Authorize<RequestContext, HandlerContext>): Authorize<RequestContext, HandlerContext> =>
  (request) => {
    if (hasUserToken(request.ctx.headers)) throw userTokenRefused();
    return authorize(request);
  };

/** Identifies the user by the token. @throws ProblemError unauthenticated, rate_limited */
export type AuthenticateToken = (ctx: RequestContext) => Promise<UserTokenPrincipal>;

export function createTokenAuthenticate(
  { db, processes }: Pick<ApiDeps, 'db' | 'processes'>,
  onPrincipal: (request: object, principal: UserTokenPrincipal) => void,
): AuthenticateToken {
  const failedAttempts = new FailedAttempts(processes);
  return async ({ headers, request }) => {
    const token = BEARER.exec(headers.authorization ?? '')?.[1] ?? '';
    const waitMs = failedAttempts.waitMs(request);
    const answer = await db.userTokens.verify(token, { onlyKnown: waitMs > 0 });
    if (answer.state === 'valid') {
      const principal = { ...answer.principal, ip: request.ip };
      onPrincipal(request, principal);
      return principal;
    }
    // Browsers send a token for some time after its end; that must not limit the other tokens of their address.
    if (answer.state === 'ended') throw tokenEnded();
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'user tokens');
    failedAttempts.record(request);
    throw unknownToken();
  };
}
