import type { Secret } from '@errand/contracts';
import { type ExchangeGrant, type RefreshGrant, refreshTokens, renewByExchange } from './grant.ts';
import type { EgressContext } from './http.ts';
import type { Tokens } from './token/tokens.ts';

export type CurrentGrant = {
  accessToken: Secret;
  expiresAt?: Date;
  refreshGrant?: RefreshGrant;
  /** For a token without a refresh token that is exchanged for another one. */
  exchangeGrant?: ExchangeGrant & { issuedAt?: Date | undefined };
  /** The reason why the user must consent again. */
  reconnectReason?: string;
};

export type GrantChange = { kind: 'none' } | { kind: 'tokens'; tokens: Tokens } | { kind: 'reconnect'; reason: string };

export interface GrantStore<Key> {
  read(key: Key): Promise<CurrentGrant | undefined>;
  /**
   * Runs `update` with the current grant, for one caller at a time in all processes, and stores the change that it returns. After a crash
   * during an update the grant has `reconnectReason: 'lost'`, since the refresh token may be used up.
   * @returns false if the grant was erased or replaced during the update: nothing is stored, and unusable tokens are revoked
   */
  exclusively(key: Key, update: (current: CurrentGrant | undefined) => Promise<GrantChange>): Promise<boolean>;
}

export type Access =
  | { kind: 'access'; accessToken: Secret }
  /** The user never opened the link. */
  | { kind: 'missing' }
  /** The user must consent again: no refresh token, a withdrawn grant, or a refresh whose answer was lost. */
  | { kind: 'reconnect'; reason: string }
  | { kind: 'later'; retryAfterMs: number };

// Tokens are refreshed early, with a random part, to spread the refreshes.
const REFRESH_MARGIN_MS = 30_000;
const JITTER_MS = 30_000;

/**
 * The access token of a grant; refreshed first if it expires soon or equals `rejectedToken`. Concurrent callers share one refresh.
 * @param options.rejectedToken the access token that the service has just refused
 * @param options.rejectedWasRefreshed whether that token was itself a replacement: then another refresh does not help
 */
export async function freshAccess<Key>(grants: GrantStore<Key>, key: Key, options: AccessOptions): Promise<Access> {
  const marginMs = REFRESH_MARGIN_MS + Math.random() * JITTER_MS;
  const first = await grants.read(key);
  if (
    !first ||
    first.reconnectReason !== undefined ||
    isUsable(first, marginOf(first, marginMs), options.rejectedToken)
  )
    return accessOf(first);
  let access: Access = { kind: 'missing' };
  const isStored = await grants.exclusively(key, async (grant) => {
    const update = await refreshIfNeeded(grant, marginMs, options);
    access = update.access;
    return update.change;
  });
  return isStored ? access : accessOf(await grants.read(key));
}

function accessOf(grant: CurrentGrant | undefined): Access {
  if (!grant) return { kind: 'missing' };
  const { reconnectReason: reason, accessToken } = grant;
  return reason === undefined ? { kind: 'access', accessToken } : { kind: 'reconnect', reason };
}

type AccessOptions = EgressContext & { rejectedToken?: Secret; rejectedWasRefreshed?: boolean };
type Update = { access: Access; change: GrantChange };

async function refreshIfNeeded(
  grant: CurrentGrant | undefined,
  marginMs: number,
  options: AccessOptions,
): Promise<Update> {
  const { rejectedToken } = options;
  const unchanged: Update = { access: accessOf(grant), change: { kind: 'none' } };
  // Another caller may have changed the grant in the meantime.
  if (!grant || grant.reconnectReason !== undefined || isUsable(grant, marginOf(grant, marginMs), rejectedToken))
    return unchanged;
  const reconnectUpdate = (reason: string): Update => {
    const change = { kind: 'reconnect' as const, reason };
    return { access: change, change };
  };
  if (options.rejectedWasRefreshed && isSame(grant.accessToken, rejectedToken)) return reconnectUpdate('rejected');
  if (grant.exchangeGrant && isUsable(grant, 0, rejectedToken)) return exchanged(grant, grant.exchangeGrant, options);
  if (!grant.refreshGrant) return isUsable(grant, 0, rejectedToken) ? unchanged : reconnectUpdate('no_refresh_token');
  const refreshed = await refreshTokens(grant.refreshGrant, options);
  if (refreshed.kind === 'tokens')
    return { access: { kind: 'access', accessToken: refreshed.tokens.accessToken }, change: refreshed };
  if (refreshed.kind !== 'later') return reconnectUpdate(refreshed.kind === 'lost' ? 'lost' : refreshed.reason);
  return isUsable(grant, 0, rejectedToken) ? unchanged : { ...unchanged, access: refreshed };
}

/** A token that can be renewed only while it is valid is renewed when a quarter of its lifetime is left. */
function marginOf({ exchangeGrant, expiresAt }: CurrentGrant, marginMs: number): number {
  const { issuedAt } = exchangeGrant ?? {};
  if (!issuedAt || !expiresAt) return marginMs;
  return Math.max(marginMs, (expiresAt.getTime() - issuedAt.getTime()) / 4);
}

/** Exchanges a valid token. After a failure it stays, and is tried again when a quarter of the rest is left. */
async function exchanged(
  { accessToken, expiresAt }: CurrentGrant,
  grant: ExchangeGrant,
  options: AccessOptions,
): Promise<Update> {
  const result = await renewByExchange(grant, options);
  const { scope, server } = grant;
  const kept = { accessToken, expiresAt, scope, issuer: server.issuer };
  const { answer: _, ...tokens }: Tokens = result.kind === 'tokens' ? result.tokens : kept;
  return { access: { kind: 'access', accessToken: tokens.accessToken }, change: { kind: 'tokens', tokens } };
}

const isUsable = (
  { accessToken, expiresAt }: CurrentGrant,
  marginMs: number,
  rejectedToken: Secret | undefined,
): boolean =>
  !isSame(accessToken, rejectedToken) && (expiresAt === undefined || expiresAt.getTime() > Date.now() + marginMs);

const isSame = (accessToken: Secret, rejectedToken: Secret | undefined): boolean =>
  accessToken.reveal() === rejectedToken?.reveal();
