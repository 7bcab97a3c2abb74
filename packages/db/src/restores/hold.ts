import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase, Pool } from 'pg';
import { withSession } from '../primary/session.ts';

// After a restore the original may still run, so the restored database is held until an operator resumes it. The statements that start
// work check this themselves, so that no process can miss it.

/** SQL of whether work may start. */
export const NOT_HELD = 'NOT EXISTS (SELECT FROM restore WHERE restore.resumed_at IS NULL)';
/** SQL of the time of the last resumption; null for a database that was not restored. */
export const RESUMED_AT = '(SELECT max(restore.resumed_at) FROM restore)';

/** Interval at which a held process looks whether it may start work, in ms. */
const POLL_MS = 1000;

/** The restore that holds the database. */
export type Hold = { backupId: string; takenAt: Date; restoredAt: Date };

/** @returns undefined for a database that is not held */
export async function readHold(runner: Pick<ClientBase, 'query'>): Promise<Hold | undefined> {
  const { rows } = await runner.query<Hold>({
    name: 'restore_hold',
    text: `SELECT backup_id AS "backupId", taken_at AS "takenAt", restored_at AS "restoredAt" FROM restore
      WHERE resumed_at IS NULL ORDER BY restored_at DESC LIMIT 1`,
  });
  return rows[0];
}

/** Ends the hold, for all processes. Returns false if the database is not held. */
export async function endHold(runner: Pick<ClientBase, 'query'>): Promise<boolean> {
  const { rowCount } = await runner.query('UPDATE restore SET resumed_at = clock_timestamp() WHERE resumed_at IS NULL');
  return (rowCount ?? 0) > 0;
}

/** Resolves when work may start, or the signal aborts. @throws the error of the database */
export async function waitWhileHeld(pool: Pool, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await readHold(pool)))
    await sleep(POLL_MS, undefined, { signal, ref: false }).catch(() => {});
}

/** @param url of a login that is a member of errand_system @returns undefined for a database that is not held */
export const readHoldAt = (url: string): Promise<Hold | undefined> => withSystemClient(url, readHold);

export const withSystemClient = <T>(url: string, work: (client: ClientBase) => Promise<T>): Promise<T> =>
  withSession(url, 'errand', async (client) => {
    await client.query('SET ROLE errand_system');
    return work(client);
  });
