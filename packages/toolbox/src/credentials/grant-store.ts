import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '@errand/contracts';
import type { Db, GrantEnd, StoredGrant } from '@errand/db';
import type { Grant, GrantChange, Grants, KeptGrant, OAuthClient, Tokens } from '@errand/integrations';
import type { RegisterSecret } from '@errand/ports/log';
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

/**
 * Grants in Postgres. A turn is a lease that is committed before the request to the authorization server, so that no connection or lock is
 * occupied until the answer.
 * @param revokeLost called with new tokens for a grant that was erased in the meantime
 */
export function grantStore(
  db: Db,
  clientSecret: (key: GrantKey) => Promise<Secret | null>,
  { hide, revokeLost }: { hide: RegisterSecret; revokeLost: (grant: Grant, tokens: Tokens) => Promise<void> },
): Grants<GrantKey> {
  const opened = async (key: GrantKey, grant: StoredGrant): Promise<KeptGrant> => {
    const { accessToken, refreshToken, expiresAt, scope, reconnect } = grant;
    hide(accessToken);
    if (refreshToken) hide(refreshToken);
    // Only a refresh needs the client secret.
    const oauth = refreshToken && oauthOf(key.connection, await clientSecret(key));
    return { accessToken, expiresAt, reconnect, grant: oauth && { ...oauth, refreshToken, scope } };
  };
  const grantsOf = ({ workspaceId }: GrantKey) => db.forWorkspace(workspaceId).grants;
  return {
    async read(key) {
      const grant = await grantsOf(key).read(key.connection, key.userId);
      return grant && opened(key, grant);
    },

    async exclusively(key, turn) {
      const { connection, userId } = key;
      const lease = randomUUID();
      const until = performance.now() + WAIT_MS;
      let taken = await grantsOf(key).take(connection, userId, lease);
      while (taken.kind === 'held' && performance.now() < until) {
        await sleep(POLL_MS * (0.5 + Math.random()));
        taken = await grantsOf(key).take(connection, userId, lease);
      }
      if (taken.kind === 'held') throw new Error('Other processes have leased the grant for too long.');
      if (taken.kind === 'none') {
        await turn(undefined);
        return true;
      }
      let change: GrantChange;
      let before: KeptGrant | undefined;
      try {
        before = await opened(key, taken.grant);
        change = await turn(before);
      } catch (error) {
        // Nothing was sent: otherwise `turn` returns a change.
        await grantsOf(key).end(connection, userId, lease, 'unchanged');
        throw error;
      }
      if (await persistently(() => grantsOf(key).end(connection, userId, lease, endOf(change, hide)))) return true;
      // After a new consent nothing is revoked: revoking old tokens might end the new grant as well.
      const now = await persistently(() => grantsOf(key).read(connection, userId));
      const isLost = now === undefined || now.reconnect !== undefined;
      if (change.kind === 'tokens' && before?.grant && isLost) await revokeLost(before.grant, change.tokens);
      return false;
    },
  };
}

function endOf(change: GrantChange, hide: RegisterSecret): GrantEnd {
  if (change.kind === 'none') return 'unchanged';
  if (change.kind === 'reconnect') return { reconnect: change.reason };
  const { tokens } = change;
  hide(tokens.accessToken);
  if (tokens.refreshToken) hide(tokens.refreshToken);
  return { tokens };
}

/** Repeats database work for a while. Tokens that cannot be stored are lost, and the user must consent again. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + SAVE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(250);
    }
  }
}
