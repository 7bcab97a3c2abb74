import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';

/** The number of runs that one transaction has processed. */
export type Progress = { runs: number };

/** Repeats a step until nothing is left or the signal is aborted, with pauses as long as each step. @returns the number of runs */
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
