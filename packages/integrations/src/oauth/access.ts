import type { Secret } from '@errand/contracts';
import { type RefreshGrant, refresh } from './grant.ts';
import type { EgressContext } from './http.ts';
import type { Tokens } from './tokens.ts';

export type CurrentGrant = {
  accessToken: Secret;
  expiresAt?: Date;
  grant?: RefreshGrant;
  /** The reason why the user must consent again. */
  reconnect?: string;
};

export type GrantChange = { kind: 'none' } | { kind: 'tokens'; tokens: Tokens } | { kind: 'reconnect'; reason: string };

export interface Grants<Key> {
  read(key: Key): Promise<CurrentGrant | undefined>;
  /**
   * Runs `update` with the current grant, for one caller at a time in all processes, and stores the change that it returns. After a crash
   * during an update the grant has `reconnect: 'lost'`, since the refresh token may be used up.
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
const EARLY_MS = 30_000;
const JITTER_MS = 30_000;

/**
 * The access token of a grant; refreshed first if it expires soon or equals `rejected`. Concurrent callers share one refresh.
 * @param options.rejected the access token that the service has just refused
 * @param options.renewed whether that token was itself a replacement: then another refresh does not help
 */
export async function freshAccess<Key>(grants: Grants<Key>, key: Key, options: AccessOptions): Promise<Access> {
  const marginMs = EARLY_MS + Math.random() * JITTER_MS;
  const first = await grants.read(key);
  if (!first || first.reconnect !== undefined || isUsable(first, marginMs, options.rejected)) return accessOf(first);
  let access: Access = { kind: 'missing' };
  const isStored = await grants.exclusively(key, async (grant) => {
    const update = await updateOf(grant, marginMs, options);
    access = update.access;
    return update.change;
  });
  return isStored ? access : accessOf(await grants.read(key));
}

function accessOf(grant: CurrentGrant | undefined): Access {
  if (!grant) return { kind: 'missing' };
  const { reconnect, accessToken } = grant;
  return reconnect === undefined ? { kind: 'access', accessToken } : { kind: 'reconnect', reason: reconnect };
}

type AccessOptions = EgressContext & { rejected?: Secret; renewed?: boolean };
type Update = { access: Access; change: GrantChange };

async function updateOf(grant: CurrentGrant | undefined, marginMs: number, options: AccessOptions): Promise<Update> {
  const { rejected } = options;
  const unchanged: Update = { access: accessOf(grant), change: { kind: 'none' } };
  // Another caller may have changed the grant in the meantime.
  if (!grant || grant.reconnect !== undefined || isUsable(grant, marginMs, rejected)) return unchanged;
  const reconnect = (reason: string): Update => {
    const change = { kind: 'reconnect' as const, reason };
    return { access: change, change };
  };
  if (options.renewed && isSame(grant.accessToken, rejected)) return reconnect('rejected');
  if (!grant.grant) return isUsable(grant, 0, rejected) ? unchanged : reconnect('no_refresh_token');
  const refreshed = await refresh(grant.grant, options);
  if (refreshed.kind === 'tokens')
    return { access: { kind: 'access', accessToken: refreshed.tokens.accessToken }, change: refreshed };
  if (refreshed.kind !== 'later') return reconnect(refreshed.kind === 'lost' ? 'lost' : refreshed.reason);
  return isUsable(grant, 0, rejected) ? unchanged : { ...unchanged, access: refreshed };
}

const isUsable = ({ accessToken, expiresAt }: CurrentGrant, marginMs: number, rejected: Secret | undefined): boolean =>
  !isSame(accessToken, rejected) && (expiresAt === undefined || expiresAt.getTime() > Date.now() + marginMs);

const isSame = (accessToken: Secret, rejected: Secret | undefined): boolean =>
  accessToken.reveal() === rejected?.reveal();
