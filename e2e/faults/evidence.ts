import type { Errand } from './clients.ts';
import type { Facts, Footprint } from './facts.ts';
import type { History } from './history.ts';
import type { Post } from './receiver.ts';
import type { Death, Exit } from './service.ts';
import type { Arrival } from './third-party.ts';
import type { Watch } from './watch.ts';

/** All that the checks read. */
export type Evidence = {
  errands: readonly Errand[];
  history: History;
  facts: Facts;
  /** Events of each run as the service lists them after its end, as JSON. */
  listed: ReadonlyMap<string, { seq: number; type: string; text: string }[]>;
  arrivals: readonly Arrival[];
  /** What the receiver of webhooks was sent. */
  posts: readonly Post[];
  /** When `facts` began to be read: they contain all messages of earlier posts. */
  readAt: number;
  /** Decisions that humans may have made, by call. */
  said: readonly { call: string; effectId: string; decision: string }[];
  /** From healing to the end of the last run, in ms. */
  quietMs: number;
  exits: readonly Exit[];
  /** Processes that were killed, or killed themselves at a failpoint. */
  deaths: readonly Death[];
  /** What was observed of runs and processes all the time. */
  watch: Pick<Watch, 'stalls' | 'busy' | 'peaks' | 'samples' | 'heldFirstTime'>;
  /** Of a workspace, and processes that take its runs. */
  slots: number;
  workers: number;
  /** When all faults were over. */
  healedAt: number;
  /** Of each process, when it had just started and when all was over. */
  fresh: readonly Footprint[];
  rested: readonly Footprint[];
};

export const terminal = ['SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'];

export function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) {
    const group = groups.get(keyOf(entry));
    if (group) group.push(entry);
    else groups.set(keyOf(entry), [entry]);
  }
  return groups;
}
