import { every } from '@errand/basics/every';
import type { Db } from '../database.ts';
import type { Log } from './periodic-tasks.ts';

const SEAL_MS = 3000;

/** Appends audit entries to their chains periodically. Returns a function that stops it. */
export function startSealing(db: Pick<Db, 'sealAudit'>, log: Log): () => Promise<void> {
  const seal = async () => {
    try {
      while ((await db.sealAudit()) > 0);
    } catch (error) {
      log.warn({ err: error }, 'the audit log could not be sealed');
    }
  };
  const stop = every(SEAL_MS, seal);
  return async () => {
    await stop();
    await seal();
  };
}
