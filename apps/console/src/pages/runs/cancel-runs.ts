// The errands that a cancellation is about.
import type { ConsoleClient } from '@errand/client/console';
import { isTerminal } from '@errand/contracts/labels';
import { type Filters, type Run, rowOf } from './live-runs.ts';

/** The most that one confirmation cancels. */
export const MAX_CANCELED = 1_000;
const BATCH = 100;

/** The open runs that match the filters, newest first. */
export async function findOpenRuns(
  client: ConsoleClient,
  { sort: _, ...filters }: Filters,
): Promise<{ runs: Run[]; isCut: boolean }> {
  const found: Run[] = [];
  const open = (filters.status ?? OPEN).filter((status) => !isTerminal(status));
  if (open.length === 0) return { runs: found, isCut: false };
  let cursor: string | undefined;
  do {
    const { runs, pagination } = await client.runs.list.query({ ...filters, status: open, pageSize: BATCH, cursor });
    found.push(...runs.map(rowOf));
    cursor = pagination.nextCursor;
  } while (cursor !== undefined && found.length < MAX_CANCELED);
  return { runs: found.slice(0, MAX_CANCELED), isCut: cursor !== undefined };
}

const OPEN: NonNullable<Filters['status']> = ['QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED'];
