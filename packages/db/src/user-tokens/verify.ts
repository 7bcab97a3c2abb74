import {
  includesScope,
  type Scope,
  scopesOfAbility,
  type UserAbility,
  type UserTokenGrant,
  type UserTokenLimits,
  type UserTokenPrincipal,
} from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { isWellFormedUserToken } from '../api-keys/format.ts';
import { keyHashes } from '../api-keys/verify.ts';
import { fieldArrays } from '../statements/columns.ts';
import type { Vault } from '../vault/vault.ts';

export type UserTokenRef = { workspaceId: string; userTokenId: string };

/** `ended`: the token was valid once. `unknown`: there is no such token, or it ended more than an hour ago. */
export type TokenAnswer =
  | { state: 'valid'; principal: UserTokenPrincipal; expiresAt: number }
  | { state: 'ended' | 'unknown' };

type TokenRow = UserTokenRef & {
  userId: string;
  allowed: UserTokenGrant;
  limits: UserTokenLimits;
  expiresAt: Date;
  hasEnded: boolean;
  apiKeyId: string;
  principalId: string;
  keyName: string;
  product: string | null;
  scopes: Scope[];
};

/** Age of cached answers, in ms: another process accepts an ended token for up to this time. */
const TTL_MS = 3000;
const MAX_CACHED = 10_000;
/** Time for which a token that was valid here counts as known, in ms: no token lives longer. */
const KNOWN_MS = 3_600_000;

/**
 * SQL of tokens with the key that they depend on: the key that minted the token or, after that key has expired, its successor by
 * rotation. A revoked key has no successor here, so its tokens end with it.
 */
const tokensWhere = (condition: string): string => `WITH RECURSIVE token AS (
    SELECT t.*, t.revoked_at IS NOT NULL OR t.expires_at <= now() OR w.suspended_at IS NOT NULL AS has_ended
    FROM user_token t JOIN workspace w USING (workspace_id) WHERE ${condition}
  ), chain AS (
    SELECT t.user_token_id, 1 AS place, k.workspace_id, k.api_key_id, k.principal_id, k.name, k.product, k.scopes, k.revoked_at, k.expires_at, k.replaced_by
    FROM token t JOIN api_key k ON k.workspace_id = t.workspace_id AND k.api_key_id = t.api_key_id
    UNION ALL
    SELECT c.user_token_id, c.place + 1, k.workspace_id, k.api_key_id, k.principal_id, k.name, k.product, k.scopes, k.revoked_at, k.expires_at, k.replaced_by
    FROM chain c JOIN api_key k ON k.workspace_id = c.workspace_id AND k.api_key_id = c.replaced_by
    WHERE c.revoked_at IS NULL AND c.expires_at <= now()
  )
  SELECT DISTINCT ON (t.user_token_id) t.workspace_id AS "workspaceId", t.user_token_id AS "userTokenId", t.user_id AS "userId",
    t.allowed, t.limits, t.expires_at AS "expiresAt", k.api_key_id AS "apiKeyId", k.principal_id AS "principalId", k.name AS "keyName",
    k.product, k.scopes, t.has_ended OR k.revoked_at IS NOT NULL OR coalesce(k.expires_at <= now(), false) AS "hasEnded"
  FROM token t JOIN chain k ON k.user_token_id = t.user_token_id ORDER BY t.user_token_id, k.place DESC`;

/** The scopes that a key must have for a token with this grant. */
export const scopesNeeded = ({ can, person }: Pick<UserTokenGrant, 'can' | 'person'>): Scope[] => [
  ...new Set([...can.flatMap((ability) => scopesOfAbility[ability]), ...(person ? ['persons:claim' as const] : [])]),
];

const scopeOfAbility: Readonly<Record<UserAbility, Scope>> = {
  watch: 'runs:read',
  decide: 'approvals:decide',
  edit: 'approvals:decide',
  connect: 'connections:write',
  ask: 'runs:write',
};

/** Whether the key of a token still has all scopes of its abilities. */
const isValid = ({ hasEnded, allowed, scopes }: TokenRow): boolean =>
  !hasEnded && scopesNeeded(allowed).every((scope) => includesScope(scopes, scope));

function toPrincipal(row: TokenRow): UserTokenPrincipal {
  const { workspaceId, userTokenId, userId, allowed, limits, apiKeyId, principalId, keyName, product } = row;
  return {
    kind: 'user_token',
    id: userTokenId,
    label: allowed.person?.name ?? `a user of ${product ?? keyName}`,
    workspaceId,
    scopes: [...new Set(allowed.can.map((ability) => scopeOfAbility[ability]))],
    userId,
    grant: allowed,
    limits,
    key: { id: principalId, apiKeyId, label: keyName, ...(product !== null && { product }) },
  };
}

/** Reads which of these tokens are valid. Returns their ids. */
export async function readValidTokens(pool: Pool, tokens: readonly UserTokenRef[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<TokenRow>({
    name: 'user_tokens_validity',
    text: tokensWhere('(t.workspace_id, t.user_token_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))'),
    values: fieldArrays(tokens, 'workspaceId', 'userTokenId'),
  });
  return new Set(rows.filter(isValid).map(({ userTokenId }) => userTokenId));
}

/**
 * Creates `verify(token)`. Answers are cached for three seconds; call `forget` after each change of tokens and keys in this process.
 * With `onlyKnown` only tokens that were valid here before are read: a caller that sent too many wrong ones causes no more reads.
 */
export function createTokenVerifier(pool: Pool, vault: Vault) {
  const answers = new LRUCache<string, Promise<TokenAnswer>>({ max: MAX_CACHED, ttl: TTL_MS });
  const known = new LRUCache<string, true>({ max: MAX_CACHED, ttl: KNOWN_MS });

  async function verify(token: string, { onlyKnown = false } = {}): Promise<TokenAnswer> {
    if (!isWellFormedUserToken(token)) return { state: 'unknown' };
    const hmacs = keyHashes(vault.keysFor('user token'), token);
    // Sorted, so that the cache key does not depend on the sealing key.
    const [cacheKey = ''] = hmacs.map((hmac) => hmac.toString('base64')).sort();
    if (onlyKnown && !known.has(cacheKey)) return { state: 'unknown' };
    const answer = await (answers.get(cacheKey) ?? startRead(cacheKey, hmacs));
    if (answer.state !== 'valid') return answer;
    if (answer.expiresAt <= Date.now()) return { state: 'ended' };
    known.set(cacheKey, true);
    return answer;
  }

  function startRead(cacheKey: string, hmacs: Buffer[]): Promise<TokenAnswer> {
    const answer = readToken(pool, hmacs);
    answers.set(cacheKey, answer);
    // The caller gets the error; the next call reads again.
    answer.catch(() => {
      if (answers.peek(cacheKey) === answer) answers.delete(cacheKey);
    });
    return answer;
  }

  return { verify, forget: () => answers.clear() };
}

async function readToken(pool: Pool, hmacs: Buffer[]): Promise<TokenAnswer> {
  const text = tokensWhere('t.hmac = ANY($1)');
  const { rows } = await pool.query<TokenRow>({ name: 'user_token_verify', text, values: [hmacs] });
  const [row] = rows;
  if (!row) return { state: 'unknown' };
  if (!isValid(row)) return { state: 'ended' };
  return { state: 'valid', principal: toPrincipal(row), expiresAt: row.expiresAt.getTime() };
}
