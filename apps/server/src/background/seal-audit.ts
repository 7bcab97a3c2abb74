import type { Db } from '@errand/db';
import type { Logger } from 'pino';

const SEAL_MS = 3000;

/** Takes entries of the audit log into their chains while the service runs. @returns ends it */
export function startSealing(db: Db, log: Logger): () => Promise<void> {
  let sealing: Promise<void> = Promise.resolve();
  const seal = async () => {
    try {
      while ((await db.sealAudit()) > 0);
    } catch (error) {
      log.warn({ err: error }, 'the audit log could not be sealed');
    }
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    sealing = seal().finally(() => {
      busy = false;
    });
  }, SEAL_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await sealing;
    await seal();
  };
}
