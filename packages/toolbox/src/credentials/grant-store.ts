import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '@errand/contracts';
import type { Db, RefreshResult, StoredGrant } from '@errand/db';
import type { CurrentGrant, GrantChange, GrantStore, OAuthClient, RefreshGrant, Tokens } from '@errand/integrations';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import type { StoredAuthorization } from './service-authorization.ts';

/** The public part of an integration's `auth` of type OAUTH2. */
export type OAuthAuth = {
  type: 'OAUTH2';
  /** Absent if this service registered the client: then it is stored with the authorization server. */
  clientId?: string;
  clientAuthentication?: NonNullable<OAuthClient['clientAuthentication']>;
  scopes: string[];
  resource?: string;
  audience?: string;
  parameters?: Record<string, string>;
};

/** An integration's authorization server, and the client of this service there. */
export function oauthOf({ auth, oauthServer }: ServiceTarget, clientSecret: Secret | null) {
  const { clientId, clientAuthentication, resource, audience } = auth as OAuthAuth;
  const server = oauthServer as unknown as StoredAuthorization;
  const registration = clientId === undefined ? server.client : { clientId, clientAuthentication };
  const client: OAuthClient = {
    clientId: registration?.clientId ?? '',
    ...(clientSecret && { clientSecret }),
    ...(registration?.clientAuthentication && { clientAuthentication: registration.clientAuthentication }),
  };
  return { server, client, resource: resource ?? server.resource, audience };
}

export type GrantKey = { workspaceId: string; connection: ServiceTarget; userId: string };

/** Interval and limit of the wait for the lease of another process, which has it for 20 s at most. */
const POLL_MS = 50;
const WAIT_MS = 30_000;
/** How long storing new tokens is tried again: the old refresh token may be used up. */
const SAVE_MS = 15_000;

type RevokeLost = (key: GrantKey, grant: RefreshGrant, tokens: Tokens) => Promise<void>;

/**
 * Grants in Postgres. An update takes a lease, committed before the request to the authorization server, so that no connection or lock is
 * occupied until the answer.
 * @param revokeLost called with new tokens for a grant that was erased in the meantime
 */
export function grantStore(
  db: Db,
  clientSecret: (key: GrantKey) => Promise<Secret | null>,
  { redact, revokeLost }: { redact: Redact; revokeLost: RevokeLost },
): GrantStore<GrantKey> {
  const openGrant = async (key: GrantKey, grant: StoredGrant): Promise<CurrentGrant> => {
    const { accessToken, refreshToken, expiresAt, scope, reconnect } = grant;
    redact(accessToken);
    if (refreshToken) redact(refreshToken);
    // Only a refresh needs the client secret.
    const oauth = refreshToken && oauthOf(key.connection, await clientSecret(key));
    return {
      accessToken,
      expiresAt,
      reconnectReason: reconnect,
      refreshGrant: oauth && { ...oauth, refreshToken, scope },
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
      const deadline = performance.now() + WAIT_MS;
      let claim = await grantsOf(key).claim(connection, userId, lease);
      while (claim.kind === 'held' && performance.now() < deadline) {
        await sleep(POLL_MS * (0.5 + Math.random()));
        claim = await grantsOf(key).claim(connection, userId, lease);
      }
      if (claim.kind === 'held') throw new Error('Other processes have leased the grant for too long.');
      if (claim.kind === 'none') {
        await update(undefined);
        return true;
      }
      let change: GrantChange;
      let previous: CurrentGrant | undefined;
      try {
        previous = await openGrant(key, claim.grant);
        change = await update(previous);
      } catch (error) {
        // Nothing was sent: otherwise `update` returns a change.
        await grantsOf(key).complete(connection, userId, lease, 'unchanged');
        throw error;
      }
      if (await withRetries(() => grantsOf(key).complete(connection, userId, lease, toEnd(change, redact))))
        return true;
      // After a new consent nothing is revoked: revoking old tokens might end the new grant as well.
      const current = await withRetries(() => grantsOf(key).read(connection, userId));
      const isLost = current === undefined || current.reconnect !== undefined;
      if (change.kind === 'tokens' && previous?.refreshGrant && isLost)
        await revokeLost(key, previous.refreshGrant, change.tokens);
      return false;
    },
  };
}

function toEnd(change: GrantChange, redact: Redact): RefreshResult {
  if (change.kind === 'none') return 'unchanged';
  if (change.kind === 'reconnect') return { reconnect: change.reason };
  const { tokens } = change;
  redact(tokens.accessToken);
  if (tokens.refreshToken) redact(tokens.refreshToken);
  return { tokens };
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
