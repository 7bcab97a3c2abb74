import type { Secret } from '@errand/contracts';
import type { EgressUse } from './http.ts';
import { type Grant, refresh } from './refresh.ts';
import type { Tokens } from './tokens.ts';

/** What is kept for one user at one integration. */
export type KeptGrant = {
  accessToken: Secret;
  expiresAt?: Date;
  /** Absent when the server gave no refresh token. */
  grant?: Grant;
  /** Set once only the user can mend it. */
  reconnect?: string;
};

export type GrantChange = { kind: 'none' } | { kind: 'tokens'; tokens: Tokens } | { kind: 'reconnect'; reason: string };

/** Where grants are kept. */
export interface Grants<Key> {
  /** The grant as it stands; undefined when there is none. */
  read(key: Key): Promise<KeptGrant | undefined>;
  /**
   * Gives a turn with a grant to one caller at a time, among all processes, with the grant as the last one left it; and
   * keeps the change that the turn answers before anyone else has theirs. A holder that dies during its turn leaves
   * `reconnect: 'lost'` behind, since it may have used the refresh token.
   * @returns false when the grant was erased or replaced during the turn: nothing was kept, and tokens that nobody can use were revoked
   */
  exclusively(key: Key, turn: (kept: KeptGrant | undefined) => Promise<GrantChange>): Promise<boolean>;
}

export type Access =
  | { kind: 'access'; accessToken: Secret }
  /** The user never opened the link. */
  | { kind: 'missing' }
  /** Only the user can mend it: no refresh token, a grant that was withdrawn, or a refresh whose answer was lost. */
  | { kind: 'reconnect'; reason: string }
  | { kind: 'later'; retryAfterMs: number };

// Refreshed early, each caller at a moment of its own, so that not everything is refreshed at once.
const EARLY_MS = 30_000;
const JITTER_MS = 30_000;

/**
 * The access token of a grant, refreshed first when it is about to run out or when `rejected` is it. However many ask at
 * once, one refreshes, and the others get what it got.
 * @param options.rejected the access token that the service has just refused
 * @param options.renewed whether that one was got because another was refused before: renewing does not help, so only the user can
 */
export async function freshAccess<Key>(grants: Grants<Key>, key: Key, options: Refused): Promise<Access> {
  const margin = EARLY_MS + Math.random() * JITTER_MS;
  const first = await grants.read(key);
  if (!first) return { kind: 'missing' };
  if (first.reconnect !== undefined) return { kind: 'reconnect', reason: first.reconnect };
  if (lasts(first, margin, options.rejected)) return { kind: 'access', accessToken: first.accessToken };
  let access: Access = { kind: 'missing' };
  const isKept = await grants.exclusively(key, async (grant) => {
    const turn = await take(grant, margin, options);
    access = turn.access;
    return turn.change;
  });
  return isKept ? access : stored(await grants.read(key));
}

/** What is stored, as it is. */
function stored(grant: KeptGrant | undefined): Access {
  if (!grant) return { kind: 'missing' };
  const { reconnect, accessToken } = grant;
  return reconnect === undefined ? { kind: 'access', accessToken } : { kind: 'reconnect', reason: reconnect };
}

type Refused = EgressUse & { rejected?: Secret; renewed?: boolean };
type Turn = { access: Access; change: GrantChange };
const nothing: GrantChange = { kind: 'none' };

async function take(grant: KeptGrant | undefined, margin: number, options: Refused): Promise<Turn> {
  if (!grant) return { access: { kind: 'missing' }, change: nothing };
  const { rejected } = options;
  if (grant.reconnect !== undefined) return { access: { kind: 'reconnect', reason: grant.reconnect }, change: nothing };
  const use: Turn = { access: { kind: 'access', accessToken: grant.accessToken }, change: nothing };
  // Another caller was here in the meantime.
  if (lasts(grant, margin, rejected)) return use;
  const give = (reason: string): Turn => ({
    access: { kind: 'reconnect', reason },
    change: { kind: 'reconnect', reason },
  });
  if (options.renewed && isSame(grant.accessToken, rejected)) return give('rejected');
  if (!grant.grant) return lasts(grant, 0, rejected) ? use : give('no_refresh_token');
  const refreshed = await refresh(grant.grant, options);
  switch (refreshed.kind) {
    case 'tokens':
      return { access: { kind: 'access', accessToken: refreshed.tokens.accessToken }, change: refreshed };
    case 'later':
      return lasts(grant, 0, rejected) ? use : { access: refreshed, change: nothing };
    case 'reconnect':
      return give(refreshed.reason);
    case 'lost':
      return give('lost');
  }
}

const lasts = ({ accessToken, expiresAt }: KeptGrant, margin: number, rejected: Secret | undefined): boolean =>
  !isSame(accessToken, rejected) && (expiresAt === undefined || expiresAt.getTime() > Date.now() + margin);

const isSame = (accessToken: Secret, rejected: Secret | undefined): boolean =>
  accessToken.reveal() === rejected?.reveal();
