import type { IncomingHttpHeaders } from 'node:http';
import {
  actorOf,
  type CallerPrincipal,
  holds,
  type KeyPrincipal,
  type PlatformPrincipal,
  problem,
  type SessionPrincipal,
} from '@errand/contracts';
import { PLATFORM_PREFIX, USER_TOKEN_PREFIX } from '@errand/db';
import type { Authorize } from '@errand/trpc-openapi';
import type { Operation } from '@errand/trpc-openapi/contract';
import { WORKSPACE_HEADER } from './console/console-port.ts';
import type { Context, RequestContext, SessionContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { FailedAttempts, tooManyFailedAttempts } from './limits/failed-attempts.ts';
import { insufficientScope, unauthenticated } from './problems.ts';
import { type AuthenticateToken, hasUserToken, isUserToken } from './user-tokens/authenticate-token.ts';
import { checkAbility } from './user-tokens/confine.ts';
import { userTokenRefused } from './user-tokens/refusals.ts';

/** Identifies the caller by the API key. @throws ProblemError unauthenticated, rate_limited */
export type Authenticate = (ctx: Pick<RequestContext, 'headers' | 'request'>) => Promise<KeyPrincipal>;

/** @param onPrincipal called with each identified caller, for the log */
export function createAuthenticate(
  { db, processes }: Pick<ApiDeps, 'db' | 'processes'>,
  onPrincipal: (request: object, principal: KeyPrincipal) => void,
): Authenticate {
  const failedAttempts = new FailedAttempts(processes);
  return async (ctx) => {
    const key = readKey(ctx);
    if (isUserToken(key)) throw userTokenRefused();
    const waitMs = failedAttempts.waitMs(ctx.request);
    const stored = await db.apiKeys.verify(key, { onlyKnown: waitMs > 0, ip: ctx.request.ip });
    if (!stored) {
      if (waitMs > 0) throw tooManyFailedAttempts(waitMs);
      failedAttempts.record(ctx.request);
      // The same answer for unknown, mistyped, revoked and expired keys.
      throw unauthenticated('The API key is not valid.');
    }
    const principal = { ...stored, ip: ctx.request.ip };
    onPrincipal(ctx.request, principal);
    return principal;
  };
}

/** Counts each request, and refuses operations whose scope the key lacks (`admin` includes all scopes). */
export function createAuthorize(
  deps: ApiDeps,
  authenticate: Authenticate,
  authenticateToken: AuthenticateToken,
): Authorize<RequestContext, Context & SessionContext> {
  const authenticatePlatform = createPlatformAuthenticate(deps);
  const identifierOf = (headers: IncomingHttpHeaders) => {
    if (hasPlatformKey(headers)) return authenticatePlatform;
    return hasUserToken(headers) ? authenticateToken : authenticate;
  };
  return async ({ ctx, op, name }) => {
    const caller = ctx.session?.principal ?? ctx.principal ?? (await identifierOf(ctx.headers)(ctx));
    // What a user token may do follows from its abilities alone, below.
    if (caller.kind !== 'user_token') checkCallers(op.callers, caller);
    // Without a scope, operations of the caller itself get a context without a workspace; their handlers expect no other.
    const principal = op.scope === null ? (caller as CallerPrincipal) : inWorkspace(caller);
    const rateFields = deps.rate.spend(principal);
    if (rateFields) ctx.reply.headers(rateFields instanceof Promise ? await rateFields : rateFields);
    const origin = originToCheck(ctx);
    if (origin !== undefined) await deps.browserOrigins.check(origin, caller);
    if (principal.kind === 'user_token') checkAbility(principal, name);
    else checkScopes(op, principal);
    await beginTurn(ctx, principal);
    return {
      principal,
      session: ctx.session?.session,
      deps,
      maxBytes: ctx.maxBytes,
      onClosed: ctx.onClosed,
      endTurn: () => ctx.turn?.end(),
      traceparent: traceparentIn(ctx.headers),
      get workspaceDb() {
        return deps.db.forWorkspace(principal.workspaceId, actorOf(principal));
      },
    };
  };
}

const beginTurn = ({ turn }: RequestContext, principal: CallerPrincipal) =>
  turn?.begin(principal.workspaceId ?? principal.id);

const traceparentIn = ({ traceparent }: IncomingHttpHeaders): string | undefined =>
  typeof traceparent === 'string' ? traceparent : undefined;

/** @throws ProblemError insufficient_scope */
function checkScopes({ scope, readScope }: Operation, principal: CallerPrincipal): void {
  const missing = [scope, readScope ?? null].find((needed) => !holds(principal, needed));
  if (missing !== undefined) throw insufficientScope(principal.scopes, missing, principal.kind === 'person');
}

/** The origin of the page that sent a request; the console and `/mcp` have rules of their own. */
const originToCheck = ({ headers, session, hasCheckedOrigin }: RequestContext): string | undefined =>
  session || hasCheckedOrigin ? undefined : headers.origin;

type AnyCaller = CallerPrincipal | SessionPrincipal | PlatformPrincipal;

export const hasPlatformKey = (headers: IncomingHttpHeaders): boolean =>
  [headers['x-api-key'], headers.authorization].some((text) => text?.includes(PLATFORM_PREFIX));

/** Identifies the platform by its key. @throws ProblemError unauthenticated, rate_limited */
function createPlatformAuthenticate({ db, processes }: Pick<ApiDeps, 'db' | 'processes'>) {
  const failedAttempts = new FailedAttempts(processes);
  return async ({ headers, request }: RequestContext): Promise<PlatformPrincipal> => {
    const waitMs = failedAttempts.waitMs(request);
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs);
    const principal = await db.platformKeys.verify(readKey({ headers, request }), request.ip);
    if (principal) return principal;
    failedAttempts.record(request);
    throw unauthenticated('The platform key is not valid.', { remedy: 'Run `node apps/server/dist/platform-key.js`.' });
  };
}

/** Kinds of callers that include the platform. */
const WITH_PLATFORM: readonly unknown[] = ['instance', 'managers'];

/** @throws ProblemError people_only, keys_only, operators_only, insufficient_scope */
function checkCallers(callers: string | undefined, caller: AnyCaller): void {
  const { kind } = caller;
  if (kind !== 'person' && (callers === 'people' || callers === 'operators'))
    throw problem('people_only', 'Only people who are signed in may do this.');
  if (kind !== 'api_key' && callers === 'keys') throw problem('keys_only', 'Only API keys may do this.');
  if (kind !== 'person' && kind !== 'platform' && WITH_PLATFORM.includes(callers))
    throw problem('operators_only', 'Keys of a workspace may not do this.');
  if (kind === 'person' && !caller.isOperator && (callers === 'instance' || callers === 'operators'))
    throw operatorsOnly();
  if (kind === 'platform' && !WITH_PLATFORM.includes(callers))
    throw problem('insufficient_scope', 'A platform key manages workspaces and sees nothing inside them.', {
      remedy: 'Use a key of the workspace.',
    });
}

/** The refusal of people who do not operate the instance. */
export const operatorsOnly = () => problem('operators_only', 'Only operators of the instance may do this.');

/** @throws ProblemError validation_failed for a person outside a workspace */
function inWorkspace(caller: AnyCaller): CallerPrincipal {
  if ('workspaceId' in caller) return caller;
  throw problem('validation_failed', `The request names no workspace: send its id as ${WORKSPACE_HEADER}.`);
}

/**
 * The API key of a request: `x-api-key`, or `Authorization: Bearer`, which means the same.
 * @throws ProblemError validation_failed if both are present and differ; unauthenticated if both are missing
 */
function readKey({ headers, request }: Pick<RequestContext, 'headers' | 'request'>): string {
  const header = headers['x-api-key'];
  const plain = (Array.isArray(header) ? header.join(', ') : header)?.trim() || undefined;
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (plain !== undefined && bearer !== undefined && plain !== bearer) {
    throw problem('validation_failed', 'x-api-key and Authorization contain different keys.', {
      remedy: 'Send only one of them.',
    });
  }
  const key = plain ?? bearer;
  if (!key)
    throw request.url?.includes(USER_TOKEN_PREFIX)
      ? userTokenRefused()
      : unauthenticated('The request has no API key.');
  return key;
}
