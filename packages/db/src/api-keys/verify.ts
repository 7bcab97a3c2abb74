import { createHmac } from 'node:crypto';
import type { KeyPrincipal } from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { Vault } from '../vault/vault.ts';
import { isWellFormedKey } from './format.ts';

type Answer = { principal: KeyPrincipal; expiresAt: number } | null;
/** `generation`: the generation of the cache at the time of the read. */
type CachedAnswer = { answer: Promise<Answer>; generation: number };

/** `ip`: of the client, which is stored with the time of the use. */
type VerifyOptions = { onlyKnown?: boolean; ip?: string };

const MAX_CACHED = 10_000;

/** Hashes of a key under each pepper. A fast hash is safe because keys are random. */
export const keyHashes = (peppers: readonly Buffer[], key: string) =>
  peppers.map((pepper) => createHmac('sha256', pepper).update(key).digest());

/**
 * Creates `verify(key)`, which returns the principal of a key, or null if the key is unknown, revoked or expired.
 * Answers are cached for `ttlMs`: other processes accept a revoked key for up to that time.
 * Call `forget` after each change of keys in this process.
 * With `onlyKnown` only keys that were valid here before are read: a caller that sent too many wrong keys causes no more reads.
 */
export function createVerifier(pool: Pool, vault: Vault, ttlMs: number) {
  // Two caches, so that many wrong keys do not evict valid ones.
  const validKeys = new LRUCache<string, CachedAnswer>({ max: MAX_CACHED, ttl: ttlMs, noDeleteOnStaleGet: true });
  const invalidKeys = new LRUCache<string, CachedAnswer>({ max: MAX_CACHED, ttl: ttlMs });
  const pending = new Map<string, Promise<Answer>>();
  /** Increases with each change of keys. A valid key is cached for the generation in which it was read. */
  let generation = 0;
  let sealing = vault.sealingKeyId;

  async function verify(key: string, { onlyKnown = false, ip }: VerifyOptions = {}): Promise<KeyPrincipal | null> {
    if (!isWellFormedKey(key)) return null;
    // One pepper for each master key; the first belongs to the sealing key.
    const hmacs = keyHashes(vault.keysFor('api key'), key);
    if (sealing !== vault.sealingKeyId) {
      sealing = vault.sealingKeyId;
      discardValidKeys(); // the next read of each key stores its new pepper
    }
    // Sorted, so that the cache key does not depend on the sealing key.
    const [cacheKey = ''] = hmacs.map((hmac) => hmac.toString('base64')).sort();
    if (onlyKnown && !validKeys.peek(cacheKey, { allowStale: true })) return null;
    const cached = validKeys.get(cacheKey);
    const answer = await ((cached?.generation === generation ? cached : invalidKeys.get(cacheKey))?.answer ??
      pending.get(cacheKey) ??
      startLookUp(cacheKey, hmacs, ip));
    return answer && answer.expiresAt > Date.now() ? answer.principal : null;
  }

  function startLookUp(id: string, hmacs: Buffer[], ip: string | undefined) {
    const answer = lookUp(pool, hmacs, vault.sealingKeyId, ip);
    const readGeneration = generation;
    pending.set(id, answer);
    answer
      .then((principal) => {
        if (!principal) validKeys.delete(id);
        // A change of keys makes the answer outdated.
        if (readGeneration === generation)
          (principal ? validKeys : invalidKeys).set(id, { answer, generation: readGeneration });
      })
      .catch(() => {}) // the caller gets the error; the next call reads again
      .finally(() => {
        if (pending.get(id) === answer) pending.delete(id);
      });
    return answer;
  }

  /** Discards cached valid keys. Invalid keys stay cached: no change makes a nonexistent key valid. */
  function discardValidKeys() {
    generation++;
    pending.clear();
  }

  /** Also discards invalid keys, after a workspace was suspended or resumed. */
  function discardAll() {
    discardValidKeys();
    invalidKeys.clear();
  }

  return { verify, forget: discardValidKeys, forgetAll: discardAll };
}

/** @param keyId the master key of the first hash @param ip of the client */
async function lookUp(pool: Pool, hmacs: Buffer[], keyId: string, ip?: string): Promise<Answer> {
  const { rows } = await pool.query<
    Omit<KeyPrincipal, 'kind' | 'product'> & {
      product: string | null;
      expiresAt: Date | null;
      hmac: Buffer;
      stale: boolean;
    }
  >({
    name: 'api_key_verify',
    text: `SELECT workspace_id AS "workspaceId", principal_id AS id, api_key_id AS "apiKeyId", api_key.name AS label, scopes, product, expires_at AS "expiresAt", hmac,
             last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS stale
           FROM api_key JOIN workspace w USING (workspace_id) WHERE hmac = ANY($1) AND w.suspended_at IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    values: [hmacs],
  });
  const [row] = rows;
  if (!row) return null;
  const { workspaceId, id, apiKeyId, label, scopes, product, expiresAt } = row;
  const current = hmacs[0];
  if (row.stale || !current?.equals(row.hmac)) {
    // Records the use and stores the hash under the sealing key's pepper. `SealingKeyWatch` ensures that all processes have that
    // key. Callers do not wait.
    pool
      .query(
        'UPDATE api_key SET last_used_at = now(), last_used_ip = $5, hmac = $3, hmac_key_id = $4 WHERE workspace_id = $1 AND api_key_id = $2',
        [workspaceId, apiKeyId, current, keyId, ip ?? null],
      )
      .catch(() => {});
  }
  return {
    principal: { kind: 'api_key', id, label, apiKeyId, workspaceId, scopes, ...(product !== null && { product }) },
    expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}
