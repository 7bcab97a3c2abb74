// Cancelling many runs by requests of at most a hundred.
import type { ConsoleClient } from '@errand/client/console';
import { isTerminal } from '@errand/contracts/labels';
import type { Filters } from './live-runs.ts';

/** The most that one confirmation cancels. */
export const MAX_CANCELED = 1_000;
const BATCH = 100;

/** The open runs that match the filters, newest first. */
export async function findOpenRuns(
  client: ConsoleClient,
  { sort: _, ...filters }: Filters,
): Promise<{ runIds: string[]; isCut: boolean }> {
  const runIds: string[] = [];
  const open = (filters.status ?? OPEN).filter((status) => !isTerminal(status));
  if (open.length === 0) return { runIds, isCut: false };
  let cursor: string | undefined;
  do {
    const { runs, pagination } = await client.runs.list.query({ ...filters, status: open, pageSize: BATCH, cursor });
    runIds.push(...runs.map(({ runId }) => runId));
    cursor = pagination.nextCursor;
  } while (cursor !== undefined && runIds.length < MAX_CANCELED);
  return { runIds: runIds.slice(0, MAX_CANCELED), isCut: cursor !== undefined };
}

const OPEN: NonNullable<Filters['status']> = ['QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED'];

/** @param onProgress is called with the number of runs that were answered */
export async function cancelRuns(client: ConsoleClient, runIds: readonly string[], onProgress: (done: number) => void) {
  const counts = { canceled: 0, ended: 0, refused: 0 };
  for (let at = 0; at < runIds.length; at += BATCH) {
    const { results } = await client.runs.cancelMany.mutate({ runIds: runIds.slice(at, at + BATCH) });
    for (const { run, error } of results) {
      if (run) counts.canceled++;
      else if (error?.code === 'run_already_finished') counts.ended++;
      else counts.refused++;
    }
    onProgress(Math.min(at + BATCH, runIds.length));
  }
  return counts;
}
