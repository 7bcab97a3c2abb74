import type { Secret } from '@errand/contracts';
import type { Pool } from 'pg';
import { changedRows, type RunScope } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';

/** A client is used only with the issuer and redirect URI of its registration. */
export type ClientRegistration = { issuer: string; redirectUri: string };

/** A dynamically registered client (RFC 7591). */
export type StoredClient = {
  clientId: string;
  /** Its token endpoint authentication method. */
  authentication: string;
  secret?: Secret;
  expiresAt?: Date;
};

type OauthClientRow = { clientId: string; authentication: string; sealed: Buffer | null; expiresAt: Date | null };

const COLUMNS = `client_id AS "clientId", authentication, sealed_secret AS sealed, expires_at AS "expiresAt"`;
const KEY = 'workspace_id = $1 AND issuer = $2 AND redirect_uri = $3';
/** A pending consent needs the secret for up to 10 minutes. */
const EXPIRED = "expires_at < clock_timestamp() + interval '10 minutes'";

/** Dynamically registered clients of a workspace. */
export function oauthClients({ pool, workspaceId, vault }: RunScope & { vault: Vault }) {
  const keyOf = ({ issuer, redirectUri }: ClientRegistration) => [workspaceId, issuer, redirectUri];
  const location = ({ issuer, redirectUri }: ClientRegistration, clientId: string) =>
    secretLocation('clientSecret', workspaceId, [issuer, redirectUri], clientId);
  const toClient = (
    registration: ClientRegistration,
    { clientId, authentication, sealed, expiresAt }: OauthClientRow,
  ): StoredClient => ({
    clientId,
    authentication,
    ...(sealed && { secret: vault.open(sealed, location(registration, clientId)) }),
    ...(expiresAt && { expiresAt }),
  });
  const findClient = async (at: ClientRegistration, condition: string, values: readonly string[] = []) => {
    const text = `SELECT ${COLUMNS} FROM oauth_client WHERE ${KEY} AND ${condition}`;
    const { rows } = await pool.query<OauthClientRow>(text, [...keyOf(at), ...values]);
    return rows[0] && toClient(at, rows[0]);
  };

  return {
    /** The client for new consents, unless its secret expires soon. @throws ProblemError credential_unavailable */
    find: (at: ClientRegistration): Promise<StoredClient | undefined> => findClient(at, `(${EXPIRED}) IS NOT TRUE`),

    /** The secret of a client; null if it has none, or is no longer stored. @throws ProblemError credential_unavailable */
    secret: async (at: ClientRegistration, clientId: string): Promise<Secret | null> =>
      (await findClient(at, 'client_id = $4', [clientId]))?.secret ?? null,

    /** Stores a client unless an unexpired one exists. Returns the stored client: another process may have been first. */
    async storeOnce(at: ClientRegistration, client: StoredClient): Promise<StoredClient> {
      const { clientId, authentication, secret, expiresAt = null } = client;
      const { rows } = await pool.query<OauthClientRow>(
        `INSERT INTO oauth_client (workspace_id, issuer, redirect_uri, client_id, authentication, sealed_secret, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (workspace_id, issuer, redirect_uri) DO UPDATE SET client_id = excluded.client_id,
           authentication = excluded.authentication, sealed_secret = excluded.sealed_secret, expires_at = excluded.expires_at,
           created_at = now() WHERE oauth_client.${EXPIRED}
         RETURNING ${COLUMNS}`,
        [...keyOf(at), clientId, authentication, secret ? vault.seal(secret, location(at, clientId)) : null, expiresAt],
      );
      if (rows[0]) return toClient(at, rows[0]);
      return (await this.find(at)) ?? client;
    },

    async remove(at: ClientRegistration, clientId: string): Promise<void> {
      await pool.query(`DELETE FROM oauth_client WHERE ${KEY} AND client_id = $4`, [...keyOf(at), clientId]);
    },
  };
}

/** Removes clients that no integration uses, one day after registration, because a pending consent may need them. */
export const removeUnusedClients = (pool: Pool): Promise<number> =>
  changedRows(pool, {
    text: `DELETE FROM oauth_client c WHERE c.created_at < clock_timestamp() - interval '1 day' AND NOT EXISTS (
      SELECT FROM integration i WHERE i.workspace_id = c.workspace_id AND i.oauth_server->'client'->>'clientId' = c.client_id)`,
  });
