import { problem, Secret, type VariableValues } from '@errand/contracts';
import type { PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { NOT_HELD } from '../restores/hold.ts';
import { withoutNulls } from '../statements/fields.ts';
import { changedRows, queryRow, type Runner, withTransaction } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { grantDestination, hasUserVariables, type Target } from './destination.ts';
import { mergeUserVariables } from './user-variables.ts';

export type NewGrant = {
  accessToken: Secret;
  refreshToken?: Secret;
  /** Absent if the server does not state it. */
  expiresAt?: Date;
  scope?: string;
  /** The requested scope; absent if the request had none. */
  askedScope?: string;
  issuer?: string;
  /** Values of variables of the user to store with it, also secret ones. */
  variables?: VariableValues;
};

/** Scopes of a user's grant, separated by spaces. */
export type GrantScopes = { granted: string | null; requested: string | null; required: string | null };

export type StoredGrant = NewGrant & {
  /** When the tokens were stored. */
  issuedAt?: Date;
  /** Why the user must consent again; absent while the grant is usable. */
  reconnect?: string;
};

/** `held`: another process refreshes the grant. */
export type GrantClaim = { kind: 'mine'; grant: StoredGrant } | { kind: 'none' } | { kind: 'held' };

/** The result of a refresh to store: new tokens, the reason to reconnect, or nothing. */
export type RefreshResult = { tokens: NewGrant } | { reconnect: string } | 'unchanged';

type GrantRow = {
  sealed: Buffer | null;
  expiresAt: Date | null;
  scope: string | null;
  issuer: string | null;
  reconnect: string | null;
  destination: string;
};

/** A refresh takes less time. A longer lease may have consumed the refresh token. */
const LEASE_SECONDS = 20;
/** Maximum number of scopes that a service can request for a user. */
const MAX_SCOPES = 200;

const KEY = 'workspace_id = $1 AND customer_integration_id = $2 AND user_id = $3';
const CURRENT = `${KEY} AND active AND sealed_grant IS NOT NULL AND grant_destination = $4`;
const COLUMNS = `sealed_grant AS sealed, grant_expires_at AS "expiresAt", scope, issuer, grant_destination AS destination`;

/** @throws ProblemError credential_unavailable */
export function openGrant(
  vault: Vault,
  { workspaceId, id, userId, destination }: { workspaceId: string; id: string; userId: string; destination: string },
  sealed: Uint8Array,
): Pick<StoredGrant, 'accessToken' | 'refreshToken' | 'issuedAt'> {
  const opened = vault.open(sealed, secretLocation('grant', workspaceId, [id, userId], destination));
  const { accessToken, refreshToken, issuedAt } = JSON.parse(opened.reveal());
  return {
    accessToken: new Secret(accessToken),
    ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
    ...(issuedAt !== undefined && { issuedAt: new Date(issuedAt) }),
  };
}

type Sealer = Pick<WorkspaceScope, 'vault' | 'workspaceId'>;

function toGrant({ vault, workspaceId }: Sealer, row: GrantRow, id: string, userId: string): StoredGrant | undefined {
  const { sealed, destination, ...columns } = row;
  if (!sealed) return undefined;
  const tokens = openGrant(vault, { workspaceId, id, userId, destination }, sealed);
  return { ...tokens, ...withoutNulls<Omit<StoredGrant, keyof typeof tokens | 'askedScope' | 'variables'>>(columns) };
}

/** The values of $1 to $8: the key, then tokens, expiry, scope, issuer and destination. */
function grantValues({ vault, workspaceId }: Sealer, target: Target, userId: string, grant: NewGrant): unknown[] {
  const { customerIntegrationId: id } = target;
  const { accessToken, refreshToken, expiresAt = null, scope = null, issuer = null } = grant;
  const tokens = { accessToken: accessToken.reveal(), refreshToken: refreshToken?.reveal(), issuedAt: Date.now() };
  const destination = grantDestination(target);
  const sealed = vault.seal(
    new Secret(JSON.stringify(tokens)),
    secretLocation('grant', workspaceId, [id, userId], destination),
  );
  return [workspaceId, id, userId, sealed, expiresAt, scope, issuer, destination];
}

/** Sealed grants of users, each bound to one origin and authorization server. */
export function grants(scoped: WorkspaceScope) {
  const { pool } = scoped;
  return {
    /** @returns undefined if there is no grant for `target` @throws ProblemError credential_unavailable */
    async read(target: Target, userId: string): Promise<StoredGrant | undefined> {
      const { customerIntegrationId } = target;
      const row = await queryRow<GrantRow>(scoped, {
        name: 'grant_read',
        text: `SELECT ${COLUMNS}, CASE WHEN reconnect_reason IS NOT NULL THEN reconnect_reason
            WHEN refresh_until < clock_timestamp() THEN 'lost' END AS reconnect
          FROM integration_user WHERE ${KEY} AND active AND sealed_grant IS NOT NULL AND grant_destination IS NOT NULL`,
        values: [customerIntegrationId, userId],
      });
      return row?.destination === grantDestination(target)
        ? toGrant(scoped, row, customerIntegrationId, userId)
        : undefined;
    },

    /** The user with the newest usable grant for `target`. */
    async latestUser(target: Target): Promise<string | undefined> {
      const row = await queryRow<{ userId: string }>(scoped, {
        name: 'grant_latest',
        text: `SELECT user_id AS "userId" FROM integration_user WHERE workspace_id = $1 AND customer_integration_id = $2 AND active
            AND sealed_grant IS NOT NULL AND grant_destination = $3 AND reconnect_reason IS NULL ORDER BY updated_at DESC LIMIT 1`,
        values: [target.customerIntegrationId, grantDestination(target)],
      });
      return row?.userId;
    },

    /** Stores the grant for `target`. Returns false if the integration, or its registration `registrationId`, does not exist. */
    store: (target: Target, userId: string, grant: NewGrant, registrationId?: string): Promise<boolean> =>
      withTransaction(pool, (client) => storeGrant(client, scoped, target, { userId, grant, registrationId })),
  };
}

type GrantToStore = { userId: string; grant: NewGrant; registrationId: string | undefined };

/** Stores a grant in a transaction. Returns false if the integration, or its registration, does not exist. */
export async function storeGrant(
  client: PoolClient,
  scoped: WorkspaceScope,
  target: Target,
  { userId, grant, registrationId }: GrantToStore,
): Promise<boolean> {
  const { actor } = scoped;
  const change = { userId, values: grant.variables ?? {}, registrationId };
  const userVariables = hasUserVariables(target) ? await mergeUserVariables(client, scoped, target, change) : undefined;
  const { rowCount } = await client.query({
    text: `INSERT INTO integration_user (workspace_id, customer_integration_id, user_id, sealed_grant, grant_expires_at, scope,
        issuer, grant_destination, asked_scope, updated_at, unannounced_since)
      SELECT $1, $2, $3, $4, $5::timestamptz, $6::text, $7::text, $8::text, $10::text, now(), clock_timestamp() FROM integration
      WHERE workspace_id = $1 AND customer_integration_id = $2 AND registration_id = coalesce($9::uuid, registration_id)
      ON CONFLICT (workspace_id, customer_integration_id, user_id) DO UPDATE SET sealed_grant = excluded.sealed_grant,
        grant_expires_at = excluded.grant_expires_at, scope = excluded.scope, issuer = excluded.issuer,
        grant_destination = excluded.grant_destination, asked_scope = excluded.asked_scope, active = true, reconnect_reason = NULL, refresh_lease = NULL,
        refresh_until = NULL, updated_at = now(), unannounced_since = excluded.unannounced_since`,
    values: [
      ...grantValues(scoped, userVariables ? { ...target, userVariables } : target, userId, grant),
      registrationId ?? null,
      grant.askedScope ?? null,
    ],
  });
  if (rowCount === 0) return false;
  const details = { of: 'user', userId, issuer: grant.issuer };
  await audit(scoped, { actor, action: 'credential.stored', target: target.customerIntegrationId, details }, client);
  return true;
}

/** The scopes that users granted, and that services require. */
export function grantScopes(scoped: WorkspaceScope) {
  return {
    async scopes(target: Target, userId: string): Promise<GrantScopes | undefined> {
      const row = await queryRow<GrantScopes>(scoped, {
        name: 'grant_scopes',
        text: `SELECT scope AS granted, asked_scope AS requested, wanted_scope AS required FROM integration_user WHERE ${CURRENT}`,
        values: [target.customerIntegrationId, userId, grantDestination(target)],
      });
      return row ?? undefined;
    },

    /** Adds scopes that the service requires; the next consent requests them. */
    async addRequiredScopes(target: Target, userId: string, scopes: readonly string[]): Promise<void> {
      await queryRow(scoped, {
        name: 'grant_want',
        text: `UPDATE integration_user SET wanted_scope = (SELECT string_agg(scope, ' ') FROM (SELECT DISTINCT scope
              FROM unnest(string_to_array(coalesce(wanted_scope, ''), ' ') || $5::text[]) AS scope WHERE scope <> '' LIMIT ${MAX_SCOPES}) AS all_of_them)
          WHERE ${CURRENT}`,
        values: [target.customerIntegrationId, userId, grantDestination(target), scopes],
      });
    },
  };
}

/** Leases ensure that one process at a time refreshes a grant. */
export function grantLeases(scoped: WorkspaceScope) {
  const { pool, workspaceId, actor } = scoped;
  return {
    /**
     * Claims a grant for a refresh and commits the claim. A claim older than 20 s may have consumed the refresh token, so the
     * grant counts as lost.
     * @param lease a new UUID that identifies the claim
     * @throws ProblemError unavailable after a restore, because the original may use the refresh token
     */
    async claim(target: Target, userId: string, lease: string): Promise<GrantClaim> {
      const { customerIntegrationId } = target;
      const ids = [customerIntegrationId, userId, grantDestination(target)];
      const row = await queryRow<GrantRow>(scoped, {
        name: 'grant_take',
        text: `UPDATE integration_user SET refresh_lease = $5::uuid,
            refresh_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds',
            reconnect_reason = CASE WHEN refresh_lease IS NULL THEN reconnect_reason ELSE coalesce(reconnect_reason, 'lost') END
          WHERE ${CURRENT} AND (refresh_lease IS NULL OR refresh_until < clock_timestamp()) AND ${NOT_HELD}
          RETURNING ${COLUMNS}, reconnect_reason AS reconnect`,
        values: [...ids, lease],
      });
      const grant = row && toGrant(scoped, row, customerIntegrationId, userId);
      if (grant) return { kind: 'mine', grant };
      const existing = await queryRow<{ mayRefresh: boolean }>(scoped, {
        name: 'grant_held',
        text: `SELECT ${NOT_HELD} AS "mayRefresh" FROM integration_user WHERE ${CURRENT}`,
        values: ids,
      });
      if (existing?.mayRefresh === false) {
        const remedy = 'An operator ends the hold with `errand resume`, once the original is stopped.';
        throw problem('unavailable', 'Errand was restored from a backup and renews no consents yet.', { remedy });
      }
      return { kind: existing ? 'held' : 'none' };
    },

    /** Stores the result of a refresh and ends the lease, in one transaction. Returns false if the user has changed or revoked the grant since. */
    async complete(target: Target, userId: string, lease: string, result: RefreshResult): Promise<boolean> {
      const key = [workspaceId, target.customerIntegrationId, userId];
      if (result === 'unchanged') return endLease(pool, '', [...key, lease]);
      if ('tokens' in result) return completeWithTokens(scoped, target, { userId, lease, tokens: result.tokens });
      const { reconnect: reason } = result;
      const details = { of: 'user', userId, reason };
      const note = { actor, action: 'credential.rejected', target: target.customerIntegrationId, details } as const;
      return withTransaction(pool, async (client) => {
        const isEnded = await endLease(client, 'reconnect_reason = $4, updated_at = now(),', [...key, reason, lease]);
        if (isEnded) await audit(scoped, note, client);
        return isEnded;
      });
    },
  };
}

const TOKEN_SETS = `sealed_grant = $4, grant_expires_at = $5, scope = $6, issuer = $7, grant_destination = $8, reconnect_reason = NULL,
  updated_at = now(),`;

type RefreshedTokens = { userId: string; lease: string; tokens: NewGrant };

/** Stores new tokens, and the values of variables that came with them: secret ones sealed, as at a consent. */
async function completeWithTokens(
  scoped: WorkspaceScope,
  target: Target,
  { userId, lease, tokens }: RefreshedTokens,
): Promise<boolean> {
  const { pool, workspaceId } = scoped;
  const { variables: values = {} } = tokens;
  const complete = (runner: Runner, userVariables = target.userVariables) => {
    const newTarget = userVariables ? { ...target, userVariables } : target;
    return endLease(runner, TOKEN_SETS, [...grantValues(scoped, newTarget, userId, tokens), lease]);
  };
  if (Object.keys(values).length === 0) return complete(pool);
  return withTransaction(pool, async (client) => {
    // Without the lease no value is stored. The lock keeps it until the end.
    const text = `SELECT FROM integration_user WHERE ${KEY} AND refresh_lease = $4::uuid FOR UPDATE`;
    const { rowCount } = await client.query(text, [workspaceId, target.customerIntegrationId, userId, lease]);
    return rowCount === 1 && complete(client, await mergeUserVariables(client, scoped, target, { userId, values }));
  });
}

/** @param sets further assignments, with a trailing comma @param values the key of the grant, the values of `sets`, and the lease */
async function endLease(runner: Runner, sets: string, values: unknown[]): Promise<boolean> {
  const text = `UPDATE integration_user SET ${sets} refresh_lease = NULL, refresh_until = NULL
    WHERE ${KEY} AND refresh_lease = $${values.length}::uuid`;
  return (await changedRows(runner, { text, values })) === 1;
}
