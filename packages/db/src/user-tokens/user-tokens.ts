import type { KeyPrincipal, Principal, UserTokenGrant, UserTokenLimits } from '@errand/contracts';
import type { Pool } from 'pg';
import { makeKey, USER_TOKEN_PREFIX } from '../api-keys/format.ts';
import { keyHashes } from '../api-keys/verify.ts';
import { auditRow, writeAuditRows } from '../audit/write.ts';
import { WorkspaceLimit } from '../rls/workspace-limit.ts';
import { changedRows, newId, type Runner, withTransaction } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { claimOpenRun, releaseOpenRun } from './open-runs.ts';
import { createTokenVerifier, readValidTokens, type UserTokenRef } from './verify.ts';

/** Valid tokens of a user; one more ends the oldest. */
const MAX_OF_USER = 100;
/** Stored tokens of a workspace, with those that ended and are not removed yet. */
const MAX_OF_WORKSPACE = 10_000;

export type NewUserToken = { userId: string; grant: UserTokenGrant; limits: UserTokenLimits; minutes: number };
export type CreatedUserToken = { userTokenId: string; token: string; expiresAt: Date };

/** Connections that requests of one workspace use while they wait for the lock of each other, and their longest wait for one in ms. */
const MINTING = { maxConnections: 1, waitMs: 5000 };
const CLAIMING = { maxConnections: 2, waitMs: 5000 };

/** User tokens of all workspaces: the token identifies the workspace. */
export function userTokens(pool: Pool, vault: Vault) {
  const [minting, claiming] = [new WorkspaceLimit(MINTING), new WorkspaceLimit(CLAIMING)];
  const { verify, forget } = createTokenVerifier(pool, vault);
  return {
    verify,
    /** Discards the cached tokens of this process, after a change of keys. */
    forget,

    /**
     * Creates a token. Only its hash is stored, so no later call returns it. It expires no later than its key.
     * @returns `ended` if the key is not valid any more; `full` if the workspace has too many tokens
     */
    create: async (key: KeyPrincipal, newToken: NewUserToken): Promise<CreatedUserToken | 'ended' | 'full'> => {
      const create = () => withTransaction(pool, (client) => createToken(client, vault, key, newToken));
      const created = await minting.run(key.workspaceId, create);
      // The oldest token of the user may have ended.
      forget();
      return created;
    },

    /** Ends all tokens of a user. Returns their number. */
    async revoke(workspaceId: string, userId: string, actor: Principal): Promise<number> {
      const revoked = await withTransaction(pool, (client) => revokeTokens(client, { workspaceId, userId }, actor));
      forget();
      return revoked;
    },

    /** Returns the ids of the valid tokens. */
    valid: (tokens: readonly UserTokenRef[]) => readValidTokens(pool, tokens),

    openRuns: {
      claim: (run: Parameters<typeof claimOpenRun>[1], limit: number) =>
        claiming.run(run.workspaceId, () => claimOpenRun(pool, run, limit)),
      release: (run: Parameters<typeof releaseOpenRun>[1]) => releaseOpenRun(pool, run),
    },
  };
}

const IS_VALID = 'revoked_at IS NULL AND expires_at > clock_timestamp()';

async function createToken(
  client: Runner,
  vault: Vault,
  key: KeyPrincipal,
  { userId, grant, limits, minutes }: NewUserToken,
): Promise<CreatedUserToken | 'ended' | 'full'> {
  const { workspaceId, apiKeyId } = key;
  // Each of several concurrent requests counts those before it.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.user_tokens:' || $1, 0))`, [workspaceId]);
  if (await isFull(client, workspaceId)) return 'full';
  await client.query(
    `UPDATE user_token SET revoked_at = clock_timestamp() WHERE workspace_id = $1 AND user_token_id IN (
       SELECT user_token_id FROM user_token WHERE workspace_id = $1 AND user_id = $2 AND ${IS_VALID}
       ORDER BY user_token_id DESC OFFSET ${MAX_OF_USER - 1})`,
    [workspaceId, userId],
  );
  const userTokenId = newId();
  const token = makeKey(USER_TOKEN_PREFIX);
  const [hmac] = keyHashes(vault.keysFor('user token'), token);
  const { rows } = await client.query<{ expiresAt: Date }>(
    `INSERT INTO user_token (workspace_id, user_token_id, hmac, hmac_key_id, user_id, api_key_id, allowed, limits, expires_at)
     SELECT $1, $2, $3, $4, $5, api_key_id, $7, $8, least(expires_at, clock_timestamp() + $9::int * interval '1 minute')
     FROM api_key WHERE workspace_id = $1 AND api_key_id = $6 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
     RETURNING expires_at AS "expiresAt"`,
    [
      workspaceId,
      userTokenId,
      hmac,
      vault.sealingKeyId,
      userId,
      apiKeyId,
      JSON.stringify(grant),
      JSON.stringify(limits),
      minutes,
    ],
  );
  const [row] = rows;
  if (!row) return 'ended';
  const { can, person } = grant;
  const details = { userId, can, minutes, ...(person && { person }) };
  const note = { actor: key, action: 'user_token.created', target: userTokenId, details } as const;
  await writeAuditRows(client, [auditRow(workspaceId, note)]);
  return { userTokenId, token, expiresAt: row.expiresAt };
}

/** Whether the workspace has too many tokens. Removes those that ended first. */
async function isFull(client: Runner, workspaceId: string): Promise<boolean> {
  const count = async () => {
    const { rows } = await client.query<{ n: number }>({
      name: 'user_tokens_count',
      text: 'SELECT count(*)::int AS n FROM user_token WHERE workspace_id = $1',
      values: [workspaceId],
    });
    return rows[0]!.n;
  };
  if ((await count()) < MAX_OF_WORKSPACE) return false;
  await client.query(`DELETE FROM user_token WHERE workspace_id = $1 AND NOT (${IS_VALID})`, [workspaceId]);
  return (await count()) >= MAX_OF_WORKSPACE;
}

async function revokeTokens(
  client: Runner,
  { workspaceId, userId }: { workspaceId: string; userId: string },
  actor: Principal,
): Promise<number> {
  const text = `UPDATE user_token SET revoked_at = clock_timestamp() WHERE workspace_id = $1 AND user_id = $2 AND ${IS_VALID}`;
  const userTokens = await changedRows(client, { text, values: [workspaceId, userId] });
  if (userTokens === 0) return 0;
  const note = { actor, action: 'user_token.revoked', target: userId, details: { userTokens } } as const;
  await writeAuditRows(client, [auditRow(workspaceId, note)]);
  return userTokens;
}

const REMOVED_AT_A_TIME = 5000;

/** Removes tokens an hour after their end, and the quotas and claims of users that have no effect any more. */
export async function removeEndedTokens(pool: Pool): Promise<void> {
  for (const [table, condition] of [
    ['user_token', `expires_at < now() - interval '1 hour'`],
    ['open_run_claim', 'expires_at < now()'],
    ['request_quota', `full_at < now() - interval '1 hour'`],
  ] as const) {
    const text = `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${REMOVED_AT_A_TIME})`;
    while ((await changedRows(pool, { text })) === REMOVED_AT_A_TIME);
  }
}
