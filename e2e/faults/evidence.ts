import type { ServerChange } from './changes.ts';
import type { Errand } from './clients.ts';
import type { Facts, Footprint } from './facts.ts';
import type { History } from './history.ts';
import type { Span } from './processors.ts';
import type { Post } from './receiver.ts';
import type { RemovalRecord } from './removal-record.ts';
import type { Death, Exit } from './service.ts';
import type { Arrival } from './third-party.ts';
import type { Watch } from './watch.ts';

/** An event as the API lists it; `text` is JSON. */
export type ListedEvent = { seq: number; type: string; text: string };

/** The input of all checks. */
export type Evidence = {
  errands: readonly Errand[];
  history: History;
  facts: Facts;
  /** Events of each run from the API after its end, as JSON. */
  listed: ReadonlyMap<string, ListedEvent[]>;
  arrivals: readonly Arrival[];
  /** Requests to the receiver of webhooks. */
  posts: readonly Post[];
  /** Start of reading `facts`, which contain all messages of earlier posts. */
  readAt: number;
  /** Decisions that humans may have made, by call. */
  resolutions: readonly { call: string; effectId: string; decision: string }[];
  /** From healing to the end of the last run, in ms. */
  quietMs: number;
  exits: readonly Exit[];
  /** Processes that were killed, or killed themselves at a failpoint. */
  deaths: readonly Death[];
  /** Changes of the primary; whether these were the only faults; sessions of the service on the standby at rest. */
  changes: readonly ServerChange[];
  onlyChanges: boolean;
  sessionsOnStandby: number;
  /** Continuous observations of runs and processes. */
  watch: Pick<Watch, 'stalls' | 'busy' | 'peaks' | 'samples' | 'heldFirstTime'>;
  /** Runs that were removed: requests about them get 404. */
  removed: ReadonlySet<string>;
  /** What the removal of old data did; absent without runs of old days. */
  removal?: RemovalRecord | undefined;
  /** Spans in which processes of another release ran beside the others. */
  besides: readonly Span[];
  /** Slots of a workspace, and processes that claim its runs. */
  slots: number;
  workers: number;
  /** When all faults were over. */
  healedAt: number;
  /** Per process: just after its start, and at the end. */
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
