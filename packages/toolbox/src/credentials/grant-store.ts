import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '@errand/contracts';
import type { Db, RefreshResult, StoredGrant } from '@errand/db';
import type { CurrentGrant, GrantChange, GrantStore, RefreshGrant, Tokens } from '@errand/integrations';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { oauthOf } from './oauth-settings.ts';
import { refreshedValues } from './variable-sources.ts';

type Listeners = {
  redact: Redact;
  revokeLost: (key: GrantKey, grant: RefreshGrant, tokens: Tokens) => Promise<void>;
  onStored: (workspaceId: string) => void;
};

export type GrantKey = { workspaceId: string; connection: ServiceTarget; userId: string };

/** Interval and limit of the wait for the lease of another process, which has it for 20 s at most. */
const POLL_MS = 50;
const WAIT_MS = 30_000;
/** How long storing new tokens is tried again: the old refresh token may be used up. */
const SAVE_MS = 15_000;

/**
 * Grants in Postgres. An update takes a lease, committed before the request to the authorization server, so that no connection or lock is
 * occupied until the answer.
 * @param revokeLost called with new tokens for a grant that was erased in the meantime
 * @param onStored called after a grant has changed, perhaps with values of variables
 */
export function grantStore(
  db: Db,
  clientSecret: (key: GrantKey) => Promise<Secret | null>,
  { redact, revokeLost, onStored }: Listeners,
): GrantStore<GrantKey> {
  const openGrant = async (key: GrantKey, grant: StoredGrant): Promise<CurrentGrant> => {
    const { accessToken, refreshToken, expiresAt, scope, reconnect, issuedAt } = grant;
    redact(accessToken);
    if (refreshToken) redact(refreshToken);
    const isExchanged = !refreshToken && expiresAt !== undefined && key.connection.auth.exchange !== undefined;
    // Only a refresh needs the client secret.
    const oauth = (refreshToken || isExchanged) && oauthOf(key.connection, await clientSecret(key));
    return {
      accessToken,
      expiresAt,
      reconnectReason: reconnect,
      ...(oauth && refreshToken && { refreshGrant: { ...oauth, refreshToken, scope } }),
      ...(oauth && isExchanged && { exchangeGrant: { ...oauth, accessToken, scope, issuedAt } }),
    };
  };
  const grantsOf = ({ workspaceId }: GrantKey) => db.forWorkspace(workspaceId).grants;
  return {
    async read(key) {
      const grant = await grantsOf(key).read(key.connection, key.userId);
      return grant && openGrant(key, grant);
    },

    async exclusively(key, update) {
      const { connection, userId } = key;
      const lease = randomUUID();
      const claim = await claimed(key, lease);
      if (claim.kind === 'none') {
        await update(undefined);
        return true;
      }
      let change: GrantChange;
      let previous: CurrentGrant;
      try {
        previous = await openGrant(key, claim.grant);
        change = await update(previous);
      } catch (error) {
        // Nothing was sent: otherwise `update` returns a change.
        await grantsOf(key).complete(connection, userId, lease, 'unchanged');
        throw error;
      }
      const end = toEnd(connection, change, redact);
      if (await withRetries(() => grantsOf(key).complete(connection, userId, lease, end))) {
        if (end !== 'unchanged') onStored(key.workspaceId);
        return true;
      }
      // After a new consent nothing is revoked: revoking old tokens might end the new grant as well.
      const current = await withRetries(() => grantsOf(key).read(connection, userId));
      if (isLost(current) && change.kind === 'tokens' && previous.refreshGrant)
        await revokeLost(key, previous.refreshGrant, change.tokens);
      return false;
    },
  };

  /** Claims the grant, and waits while another process refreshes it. */
  async function claimed(key: GrantKey, lease: string) {
    const { connection, userId } = key;
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const claim = await grantsOf(key).claim(connection, userId, lease);
      if (claim.kind !== 'held') return claim;
      if (performance.now() >= deadline) throw new Error('Other processes have leased the grant for too long.');
      await sleep(POLL_MS * (0.5 + Math.random()));
    }
  }
}

const isLost = (grant: StoredGrant | undefined): boolean => grant === undefined || grant.reconnect !== undefined;

function toEnd(connection: ServiceTarget, change: GrantChange, redact: Redact): RefreshResult {
  if (change.kind === 'none') return 'unchanged';
  if (change.kind === 'reconnect') return { reconnect: change.reason };
  const { answer, ...tokens } = change.tokens;
  redact(tokens.accessToken);
  if (tokens.refreshToken) redact(tokens.refreshToken);
  return { tokens: { ...tokens, variables: answer ? refreshedValues(connection, answer) : {} } };
}

/** Repeats database work for a while. Tokens that cannot be stored are lost, and the user must consent again. */
async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + SAVE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(250);
    }
  }
}
