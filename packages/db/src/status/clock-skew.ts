import type { Pool } from 'pg';

/** How far the clock of the database is ahead of that of this machine, and the largest error of this measurement, in ms. */
export type ClockSkew = { aheadMs: number; errorMs: number };

export async function readClockSkew(pool: Pool): Promise<ClockSkew> {
  const client = await pool.connect();
  try {
    const sentAt = Date.now();
    const { rows } = await client.query<{ at: Date }>('SELECT clock_timestamp() AS at');
    const receivedAt = Date.now();
    return { aheadMs: rows[0]!.at.getTime() - (sentAt + receivedAt) / 2, errorMs: (receivedAt - sentAt) / 2 };
  } finally {
    client.release();
  }
}
