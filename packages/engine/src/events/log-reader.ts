import { type EventPage, type LogPosition, readEventsOfRuns } from '@errand/db';
import type pg from 'pg';
import { LOG_PAGE } from './channel.ts';

/** Maximum runs of one statement. */
const MAX_RUNS = 100;

type WaitingRead = { position: LogPosition; resolve: (page: EventPage) => void; reject: (error: unknown) => void };

/** Reads the new events of many runs, one statement at a time: reads that are requested meanwhile share the next one. */
export class LogReader {
  #waiting: WaitingRead[] = [];
  #isReading = false;

  constructor(private readonly pool: pg.Pool) {}

  read(position: LogPosition): Promise<EventPage> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ position, resolve, reject });
      if (this.#isReading) return;
      this.#isReading = true;
      queueMicrotask(() => void this.#readAll());
    });
  }

  async #readAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const reads = this.#waiting.splice(0, MAX_RUNS);
      try {
        const bytes = Math.floor(LOG_PAGE.bytes / reads.length);
        const positions = reads.map(({ position }) => position);
        const pages = await readEventsOfRuns(this.pool, positions, { limit: LOG_PAGE.limit, bytes });
        for (const [i, { resolve }] of reads.entries()) resolve(pages[i]!);
      } catch (error) {
        for (const { reject } of reads) reject(error);
      }
    }
    this.#isReading = false;
  }
}
