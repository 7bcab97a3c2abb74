import type { Secret } from '@errand/contracts';
import { type Grant, refresh } from './grant.ts';
import type { EgressContext } from './http.ts';
import type { Tokens } from './tokens.ts';

export type KeptGrant = {
  accessToken: Secret;
  expiresAt?: Date;
  grant?: Grant;
  /** The reason why the user must consent again. */
  reconnect?: string;
};

export type GrantChange = { kind: 'none' } | { kind: 'tokens'; tokens: Tokens } | { kind: 'reconnect'; reason: string };

export interface Grants<Key> {
  read(key: Key): Promise<KeptGrant | undefined>;
  /**
   * Runs `turn` with the current grant, for one caller at a time in all processes, and stores the change that it returns. After a crash
   * during a turn the grant has `reconnect: 'lost'`, since the refresh token may be used up.
   * @returns false if the grant was erased or replaced during the turn: nothing is stored, and unusable tokens are revoked
   */
  exclusively(key: Key, turn: (kept: KeptGrant | undefined) => Promise<GrantChange>): Promise<boolean>;
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
export async function freshAccess<Key>(grants: Grants<Key>, key: Key, options: Refused): Promise<Access> {
  const margin = EARLY_MS + Math.random() * JITTER_MS;
  const first = await grants.read(key);
  if (!first || first.reconnect !== undefined || lasts(first, margin, options.rejected)) return stored(first);
  let access: Access = { kind: 'missing' };
  const isKept = await grants.exclusively(key, async (grant) => {
    const turn = await take(grant, margin, options);
    access = turn.access;
    return turn.change;
  });
  return isKept ? access : stored(await grants.read(key));
}

function stored(grant: KeptGrant | undefined): Access {
  if (!grant) return { kind: 'missing' };
  const { reconnect, accessToken } = grant;
  return reconnect === undefined ? { kind: 'access', accessToken } : { kind: 'reconnect', reason: reconnect };
}

type Refused = EgressContext & { rejected?: Secret; renewed?: boolean };
type Turn = { access: Access; change: GrantChange };
const nothing: GrantChange = { kind: 'none' };

async function take(grant: KeptGrant | undefined, margin: number, options: Refused): Promise<Turn> {
  const { rejected } = options;
  const use: Turn = { access: stored(grant), change: nothing };
  // Another caller may have changed the grant in the meantime.
  if (!grant || grant.reconnect !== undefined || lasts(grant, margin, rejected)) return use;
  const reconnect = (reason: string): Turn => {
    const change = { kind: 'reconnect' as const, reason };
    return { access: change, change };
  };
  if (options.renewed && isSame(grant.accessToken, rejected)) return reconnect('rejected');
  if (!grant.grant) return lasts(grant, 0, rejected) ? use : reconnect('no_refresh_token');
  const refreshed = await refresh(grant.grant, options);
  switch (refreshed.kind) {
    case 'tokens':
      return { access: { kind: 'access', accessToken: refreshed.tokens.accessToken }, change: refreshed };
    case 'later':
      return lasts(grant, 0, rejected) ? use : { access: refreshed, change: nothing };
    case 'reconnect':
      return reconnect(refreshed.reason);
    case 'lost':
      return reconnect('lost');
  }
}

const lasts = ({ accessToken, expiresAt }: KeptGrant, margin: number, rejected: Secret | undefined): boolean =>
  !isSame(accessToken, rejected) && (expiresAt === undefined || expiresAt.getTime() > Date.now() + margin);

const isSame = (accessToken: Secret, rejected: Secret | undefined): boolean =>
  accessToken.reveal() === rejected?.reveal();
