import type { IncomingHttpHeaders } from 'node:http';
import { RecentCache } from '@errand/basics/cache/recent-cache';
import { sha256 } from '@errand/basics/sha256';
import {
  type CallerPrincipal,
  problem,
  type Scope,
  type SubjectPrincipal,
  type TokenIssuer,
  UserId,
} from '@errand/contracts';
import type { Db } from '@errand/db';
import { ProblemError } from '@errand/trpc-openapi';
import type { Authenticate } from '../authorize.ts';
import type { RequestContext } from '../context.ts';
import { type ClientAddress, FailedAttempts, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import { unauthenticated } from '../problems.ts';
import { challengeOf, resourceOf } from './token-challenge.ts';
import type { TokenPort } from './token-port.ts';

/** The principal, and the user for whom it acts. */
export type AgentCaller = {
  principal: CallerPrincipal;
  userId: string;
  /** The scopes that an access token of this issuer can have; absent for API keys. */
  grantableScopes?: readonly Scope[];
};

type CallerDeps = {
  tokens: TokenPort;
  db: Pick<Db, 'workspaces'>;
  publicUrl: () => string;
  authenticate: Authenticate;
  processes?: number | undefined;
};

/** How long a suspended workspace still accepts access tokens, in ms. */
const WORKSPACE_MS = 10_000;

/** Identifies the caller: an API key with the user in `x-user-id`, or an access token, whose subject is the user. */
export function createCallerReader({ tokens, db, publicUrl, authenticate, processes }: CallerDeps) {
  const workspaces = new RecentCache<Awaited<ReturnType<CallerDeps['db']['workspaces']['find']>>>(WORKSPACE_MS);
  const issuers = new Map(tokens.issuers.map((issuer) => [issuer.issuer, issuer]));
  const attempts = new TokenAttempts(tokens, processes);

  async function callerOfToken(token: string, ctx: RequestContext): Promise<AgentCaller> {
    attempts.check(token, ctx.request);
    const verified = await tokens.check(token, resourceOf(publicUrl()));
    if (verified.kind === 'expired') throw invalidToken('The access token has expired.', 'Get a new access token.');
    const issuer = verified.kind === 'valid' ? issuers.get(verified.issuer) : undefined;
    const subject = verified.kind === 'valid' && issuer ? resolveSubject(verified.claims, issuer) : undefined;
    if (issuer === undefined || subject === undefined) {
      attempts.recordInvalid(ctx.request);
      throw invalidToken('The access token is not valid here.', 'Get one from a trusted issuer, for this resource.');
    }
    attempts.recordValid(token);
    const { workspace, ...subjectPrincipal } = subject;
    const workspaceId = await findWorkspaceId(workspace);
    const userId = subjectPrincipal.label;
    const namedUser = readUserHeader(ctx.headers);
    if (namedUser !== undefined && namedUser !== userId)
      throw problem('wrong_user', 'x-user-id and the access token name different users.');
    const principal = { ...subjectPrincipal, workspaceId, ip: ctx.request.ip };
    return { principal, userId, grantableScopes: issuer.scopes };
  }

  async function findWorkspaceId(name: string): Promise<string> {
    const workspace = await workspaces.get('workspace', name, () => db.workspaces.find(name));
    if (!workspace) throw problem('unknown_workspace', 'The workspace of the token does not exist.');
    if (workspace.suspendedAt) throw problem('workspace_suspended', 'The operator of the instance has suspended it.');
    return workspace.workspaceId;
  }

  const invalidToken = (detail: string, remedy: string) =>
    unauthenticated(detail, { challenge: challengeOf(publicUrl(), { error: 'invalid_token' }), remedy });

  return async (ctx: RequestContext): Promise<AgentCaller> => {
    const token = issuers.size === 0 ? undefined : accessTokenOf(ctx.headers);
    if (token !== undefined) return callerOfToken(token, ctx);
    const principal = await authenticate(ctx).catch((error) => {
      if (issuers.size === 0 || !(error instanceof ProblemError) || error.code !== 'unauthenticated') throw error;
      throw unauthenticated(error.message, { challenge: challengeOf(publicUrl()) });
    });
    return { principal, userId: requiredUserId(ctx.headers) };
  };
}

/** A bearer credential in the form of a JWT, unless the request also has an API key. */
function accessTokenOf(headers: IncomingHttpHeaders): string | undefined {
  if (headers['x-api-key'] !== undefined) return undefined;
  return /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)\s*$/i.exec(headers.authorization ?? '')?.[1];
}

/** Node reads headers as Latin-1. Names of users may contain any letter, so valid UTF-8 is decoded as such. */
function readUserHeader(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['x-user-id'];
  if (typeof header !== 'string') return undefined;
  const text = Buffer.from(header, 'latin1').toString();
  return text.includes('\ufffd') ? header : text;
}

/** @throws ProblemError validation_failed */
function requiredUserId(headers: IncomingHttpHeaders): string {
  const parsed = UserId.safeParse(readUserHeader(headers));
  if (parsed.success) return parsed.data;
  throw problem('validation_failed', 'The header x-user-id is missing or not valid.', {
    remedy: 'Name the user for whom you act in x-user-id.',
  });
}

type Claims = Readonly<Record<string, unknown>>;

/** The principal of a token. `workspace` is the name in the setting. */
type TokenSubject = Pick<SubjectPrincipal, 'kind' | 'id' | 'label' | 'scopes'> & { workspace: string };

/**
 * The subject of a checked token: in the workspace that the operator assigned, with the scopes that the operator allows.
 * @returns undefined if its `sub` cannot be a user
 * @throws ProblemError unknown_workspace
 */
function resolveSubject(claims: Claims, issuer: TokenIssuer): TokenSubject | undefined {
  const user = UserId.safeParse(claims.sub);
  if (!user.success || !isStorable(user.data)) return undefined;
  const workspace = issuer.workspace ?? workspaceOfClaim(claims[issuer.claim!], issuer.workspaces!);
  if (workspace === undefined)
    throw problem('unknown_workspace', `The claim ${issuer.claim} of the token matches no workspace here.`);
  const granted = scopesInClaims(claims);
  const scopes = issuer.scopes.filter((scope) => granted.includes(scope));
  return { kind: 'subject', id: `${issuer.issuer} ${user.data}`, label: user.data, scopes, workspace };
}

/** Whether Postgres accepts a text: no NUL, no lone surrogate. */
const isStorable = (text: string): boolean => !text.includes('\0') && Buffer.from(text).toString() === text;

const workspaceOfClaim = (value: unknown, workspaces: Readonly<Record<string, string>>): string | undefined =>
  typeof value === 'string' && Object.hasOwn(workspaces, value) ? workspaces[value] : undefined;

/** As `scope` (RFC 9068), or `scp`, which may be a list. */
function scopesInClaims({ scope, scp }: Claims): readonly unknown[] {
  const claim = scope ?? scp;
  if (typeof claim === 'string') return claim.split(' ');
  return Array.isArray(claim) ? claim : [];
}

const MAX_VALID_TOKENS = 10_000;

/**
 * Limits wrong access tokens by address, like wrong API keys. Beyond the limit an address may only use tokens that were valid before.
 * New keys of an issuer reset the counts, because tokens signed by the new key were wrong until then.
 */
class TokenAttempts {
  readonly #failedAttempts: FailedAttempts;
  /** Digests of tokens that were valid, the most recent last. */
  readonly #valid = new Set<string>();

  constructor(tokens: Pick<TokenPort, 'onNewKeys'>, processes?: number) {
    this.#failedAttempts = new FailedAttempts(processes);
    tokens.onNewKeys(() => this.#failedAttempts.clear());
  }

  /** @throws ProblemError rate_limited */
  check(token: string, client: ClientAddress): void {
    const waitMs = this.#failedAttempts.waitMs(client);
    if (waitMs > 0 && !this.#valid.has(sha256(token))) throw tooManyFailedAttempts(waitMs, 'access tokens');
  }

  recordInvalid(client: ClientAddress): void {
    this.#failedAttempts.record(client);
  }

  recordValid(token: string): void {
    const digest = sha256(token);
    this.#valid.delete(digest);
    this.#valid.add(digest);
    if (this.#valid.size > MAX_VALID_TOKENS) this.#valid.delete(this.#valid.values().next().value!);
  }
}
