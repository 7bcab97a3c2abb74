import { type Ages, type Db, isDatabaseTrouble, removeOld } from '@errand/db';
import type { Logger } from 'pino';

/** From the end of a removal to the next, in ms. */
const everyMs = 3_600_000;
/** Lock not to be had in time. */
const busy = '55P03';

/**
 * Removes once an hour what is past its time. Any number of processes may do so: one at a time is at it.
 * @param firstMs from now to the first removal
 * @returns stops it, after the small transaction under way
 */
export function startRetention(
  db: Pick<Db, 'connect'>,
  ages: Ages,
  log: Logger,
  firstMs = 60_000,
): () => Promise<void> {
  if (Object.values(ages).every((days) => days === undefined)) return async () => {};
  const stopping = new AbortController();
  let working = Promise.resolve();
  let timer: NodeJS.Timeout;
  const later = (ms: number) => {
    timer = setTimeout(() => {
      working = work().finally(() => stopping.signal.aborted || later(everyMs));
    }, ms);
    timer.unref();
  };
  async function work() {
    try {
      const removed = await removeOld(db.connect, ages, stopping.signal);
      if (removed && Object.values(removed).some((n) => n > 0)) log.info({ removed }, 'removed what was past its time');
    } catch (error) {
      const passing = (error as { code?: string }).code === busy || isDatabaseTrouble(error);
      log[passing ? 'info' : 'warn']({ err: error }, 'what is past its time will be removed later');
    }
  }
  later(firstMs);
  return async () => {
    stopping.abort();
    clearTimeout(timer);
    await working;
  };
}
