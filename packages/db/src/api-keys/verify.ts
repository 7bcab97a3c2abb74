import { createHmac } from 'node:crypto';
import type { KeyPrincipal } from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { Vault } from '../vault/vault.ts';
import { isKey } from './format.ts';

type Answer = { principal: KeyPrincipal; expiresAt: number } | null;
/** `change`: the number of the last change of keys before it was read. */
type Kept = { answer: Promise<Answer>; change: number };

const MAX_KEPT = 10_000;

/** Hashes of a key under each pepper. A fast hash is right: keys are random, not chosen. */
export const hashes = (peppers: readonly Buffer[], key: string) =>
  peppers.map((pepper) => createHmac('sha256', pepper).update(key).digest());

/** Makes `verify(key)`: who holds the key, or null when it is unknown, revoked or expired (one answer for all three).
 *  Answers are cached for `ttlMs`: a revoked key works in other processes for up to that time.
 *  With `onlyKnown` a key that is not cached is unknown, and nothing is read. */
export function verifier(pool: Pool, vault: Vault, ttlMs: number) {
  // A separate cache, so that many wrong keys do not evict valid ones.
  const right = new LRUCache<string, Kept>({ max: MAX_KEPT, ttl: ttlMs, noDeleteOnStaleGet: true });
  const wrong = new LRUCache<string, Kept>({ max: MAX_KEPT, ttl: ttlMs });
  const asking = new Map<string, Promise<Answer>>();
  let changes = 0;
  let sealing = vault.sealing;

  async function verify(key: string, { onlyKnown = false } = {}): Promise<KeyPrincipal | null> {
    if (!isKey(key)) return null;
    const hmacs = hashes(vault.keysFor('api key'), key);
    if (sealing !== vault.sealing) {
      sealing = vault.sealing;
      forget(); // each key is read again, and gets the new pepper
    }
    // The cache key does not depend on the master key that seals.
    const [id = ''] = hmacs.map((hmac) => hmac.toString('base64')).sort();
    if (onlyKnown && !right.peek(id, { allowStale: true })) return null;
    const kept = right.get(id);
    const answer = await ((kept?.change === changes ? kept : wrong.get(id))?.answer ??
      asking.get(id) ??
      ask(id, hmacs));
    return answer && answer.expiresAt > Date.now() ? answer.principal : null;
  }

  function ask(id: string, hmacs: Buffer[]) {
    const answer = lookUp(pool, hmacs, vault.sealing);
    const asked = changes;
    asking.set(id, answer);
    answer
      .then((found) => {
        // An answer that was read before a change is not cached.
        if (!found) right.delete(id);
        if (asked === changes) (found ? right : wrong).set(id, { answer, change: asked });
      })
      .catch(() => {}) // the caller gets the error; the next call reads again
      .finally(() => {
        if (asking.get(id) === answer) asking.delete(id);
      });
    return answer;
  }

  /** Clears the cache after a change. */
  function forget() {
    changes++;
    asking.clear();
  }

  return { verify, forget };
}

/** @param keyId of the master key under which the first of the hashes was made */
async function lookUp(pool: Pool, hmacs: Buffer[], keyId: string): Promise<Answer> {
  const { rows } = await pool.query<
    Omit<KeyPrincipal, 'kind'> & { expiresAt: Date | null; hmac: Buffer; stale: boolean }
  >({
    name: 'api_key_verify',
    text: `SELECT workspace_id AS "workspaceId", principal_id AS id, api_key_id AS "apiKeyId", name AS label, scopes, expires_at AS "expiresAt", hmac,
             last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS stale
           FROM api_key WHERE hmac = ANY($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    values: [hmacs],
  });
  const [row] = rows;
  if (!row) return null;
  const { workspaceId, id, apiKeyId, label, scopes, expiresAt } = row;
  const current = hmacs[0];
  if (row.stale || !current?.equals(row.hmac)) {
    // Stores the hash under the pepper of the master key that seals, which all processes know (SealingWatch). Callers do not wait
    // for it.
    pool
      .query(
        'UPDATE api_key SET last_used_at = now(), hmac = $3, hmac_key_id = $4 WHERE workspace_id = $1 AND api_key_id = $2',
        [workspaceId, apiKeyId, current, keyId],
      )
      .catch(() => {});
  }
  return {
    principal: { kind: 'api_key', id, label, apiKeyId, workspaceId, scopes },
    expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}
