import { changedRows, newId, type RunScope } from '../statements/scope.ts';

/** A request that is executed once: the operation, the caller's key, and a hash of the rest. */
export type KeyedRequest = { operation: string; key: string; sha256: Buffer };

export type RequestClaim =
  /** Execute the request. `takenOver`: another process started it and did not finish, so the run may exist. */
  | { state: 'claimed'; runId: string; takenOver: boolean }
  /** The request was executed; `body` is the answer, as JSON. */
  | { state: 'done'; body: string }
  | { state: 'in_flight' }
  /** The key was used with a different request. */
  | { state: 'other' };

const LIFETIME = "interval '24 hours'";

const CLAIM = {
  name: 'request_claim',
  text: `
INSERT INTO idempotency AS i (workspace_id, operation, key, request_sha256, state, run_id, locked_until, expires_at)
VALUES ($1, $2, $3, $4, 'IN_FLIGHT', $5, clock_timestamp() + $6 * interval '1 millisecond', clock_timestamp() + ${LIFETIME})
ON CONFLICT (workspace_id, operation, key) DO UPDATE SET
  request_sha256 = EXCLUDED.request_sha256, state = 'IN_FLIGHT', status = NULL, body = NULL, created_at = clock_timestamp(),
  run_id = CASE WHEN i.expires_at < clock_timestamp() THEN EXCLUDED.run_id ELSE i.run_id END,
  locked_until = EXCLUDED.locked_until, expires_at = EXCLUDED.expires_at
WHERE i.expires_at < clock_timestamp()
  OR (i.state = 'IN_FLIGHT' AND i.locked_until < clock_timestamp() AND i.request_sha256 = EXCLUDED.request_sha256)
RETURNING run_id AS "runId"`,
};

const READ = `SELECT request_sha256 AS sha256, state, body::text FROM idempotency
  WHERE workspace_id = $1 AND operation = $2 AND key = $3`;

/**
 * Claims a key for 24 hours. One of several concurrent requests gets `claimed`, until it finishes, forgets or unlocks the key, or
 * `lockMs` have passed.
 * @param newRunId the id of the run, unless an earlier claim chose one
 */
export async function claimRequest(
  scope: RunScope,
  request: KeyedRequest,
  lockMs: number,
  newRunId = newId(),
): Promise<RequestClaim> {
  const row = [scope.workspaceId, request.operation, request.key];
  for (;;) {
    const claimed = await scope.pool.query<{ runId: string }>({
      ...CLAIM,
      values: [...row, request.sha256, newRunId, lockMs],
    });
    const runId = claimed.rows[0]?.runId;
    if (runId !== undefined) return { state: 'claimed', runId, takenOver: runId !== newRunId };
    const { rows } = await scope.pool.query<{ sha256: Buffer; state: string; body: string | null }>(READ, row);
    const stored = rows[0];
    // the key was released between the two statements
    if (!stored) continue;
    if (!stored.sha256.equals(request.sha256)) return { state: 'other' };
    return stored.state === 'DONE' && stored.body !== null
      ? { state: 'done', body: stored.body }
      : { state: 'in_flight' };
  }
}

/** A function that executes a statement on the row of a claimed request. After a takeover, `runId` of the claim matches no row. */
const onClaimed =
  <Values extends string[]>(statement: string) =>
  async (scope: RunScope, { operation, key }: KeyedRequest, runId: string, ...values: Values): Promise<void> => {
    const text = `${statement} WHERE workspace_id = $1 AND operation = $2 AND key = $3 AND state = 'IN_FLIGHT' AND run_id = $4`;
    await scope.pool.query(text, [scope.workspaceId, operation, key, runId, ...values]);
  };

/** Stores the answer of a claimed request, as JSON. */
export const finishRequest = onClaimed<[body: string]>(
  "UPDATE idempotency SET state = 'DONE', body = $5::json, locked_until = NULL",
);

/** Releases a claimed key after the request was rejected. */
export const forgetRequest = onClaimed<[]>('DELETE FROM idempotency');

/** Lets the next request with the key take over immediately with the same run id, because this one may have stored the run. */
export const unlockRequest = onClaimed<[]>(
  "UPDATE idempotency SET locked_until = clock_timestamp() - interval '1 millisecond'",
);

export const removeExpiredRequests = (pool: RunScope['pool'], limit: number): Promise<number> =>
  changedRows(pool, {
    text: `DELETE FROM idempotency WHERE ctid IN (SELECT ctid FROM idempotency WHERE expires_at < now() LIMIT $1)`,
    values: [limit],
  });
