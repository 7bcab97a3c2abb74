import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';

/** What one transaction came past. */
export type Progress = { runs: number };

/** Does a removal step by step until nothing is left, or the signal ends it; between steps others have as long as one took. @returns how many runs */
export async function walk(
  client: Client,
  step: (client: Client, until: Date) => Promise<Progress>,
  until: Date,
  signal: AbortSignal,
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const from = performance.now();
    const { runs } = await step(client, until);
    if (runs === 0) break;
    total += runs;
    await pause(performance.now() - from, undefined, { signal }).catch(() => {});
  }
  return total;
}
