import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../statements/scope.ts';

/** Maximum time of one part, in ms. */
const PART_MS = 1000;

/** SQLSTATEs of a missing right, a missing table and a statement timeout. */
const UNREADABLE = ['42501', '42P01', '57014'];

/** @param deadline of all parts, by the monotonic clock @throws the error of a connection that fails */
export async function readPart<Part>(
  pool: Pool,
  part: (client: PoolClient) => Promise<Part>,
  deadline: number,
): Promise<Part | 'unknown'> {
  const timeoutMs = Math.floor(Math.min(PART_MS, deadline - performance.now()));
  if (timeoutMs <= 0) return 'unknown';
  try {
    return await withTransaction(pool, async (client) => {
      await client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(timeoutMs)]);
      return part(client);
    });
  } catch (error) {
    if (UNREADABLE.includes((error as { code?: string }).code ?? '')) return 'unknown';
    throw error;
  }
}
