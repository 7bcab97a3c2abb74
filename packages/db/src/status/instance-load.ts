import { shareLoad } from '@errand/basics/cache/share-load';
import type { SystemStatus } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { DEFAULT_SLOTS } from '../runs/queue/claim.ts';
import { readConnections } from './database-parts.ts';
import * as parts from './load-parts.ts';
import { type QueueLoad, queueLoadReader } from './queue-load.ts';
import { readPart } from './read-part.ts';

type Known<Part> = Exclude<Part, 'unknown'>;

/** The load of the whole instance, as the database has it. */
export type InstanceLoad = {
  queue: QueueLoad;
  waits: parts.WaitingRequests;
  webhooks: parts.WebhookBacklog;
  snapshots: parts.HeldSnapshots;
  queueTable: { live: number; dead: number };
  aliveWorkers: number;
  connections: Known<SystemStatus['database']['connections']>;
};

export type LoadPart = keyof InstanceLoad;

export const loadParts: readonly LoadPart[] = [
  'queue',
  'waits',
  'webhooks',
  'snapshots',
  'queueTable',
  'aliveWorkers',
  'connections',
];

/** Parts that the login may not read, or not in time, and those that no caller wanted, are absent; `isUp` is false if the database does not answer. */
export type LoadReading = { isUp: boolean; load: Partial<InstanceLoad> };

export type LoadReader = {
  /** @param wanted parts; all unless given */
  read: (wanted?: readonly LoadPart[]) => Promise<LoadReading>;
};

/** Maximum age of a reading, in ms: many callers cost no more than one. */
const TTL_MS = 10_000;
/** Maximum time of all parts, in ms. */
const ALL_MS = 3000;

type Readers = { [Part in LoadPart]: (client: PoolClient) => Promise<InstanceLoad[Part] | 'unknown'> };

const readersOf = (slots: number): Readers => ({
  queue: queueLoadReader(slots),
  waits: parts.readWaits,
  webhooks: parts.readWebhookBacklog,
  snapshots: parts.readSnapshots,
  queueTable: parts.readQueueTable,
  aliveWorkers: parts.readAliveWorkers,
  connections: readConnections,
});

type SharedReaders = { [Part in LoadPart]: (at?: number) => Promise<InstanceLoad[Part] | 'unknown'> };

/**
 * Reads each part of the load at most once in ten seconds, also while the database does not answer.
 * @param slots of a workspace without a limit of its own
 */
export function loadReader(pool: Pool, slots = DEFAULT_SLOTS): LoadReader {
  const readers = readersOf(slots);
  const shared = Object.fromEntries(
    loadParts.map((part) => [part, shareLoad(TTL_MS, (at) => readPart<unknown>(pool, readers[part], at + ALL_MS))]),
  ) as SharedReaders;
  return {
    async read(wanted = loadParts) {
      const at = performance.now();
      const load: Partial<InstanceLoad> = {};
      const read = async <Part extends LoadPart>(part: Part) => {
        const value = await shared[part](at);
        if (value !== 'unknown') load[part] = value;
      };
      try {
        for (const part of wanted) await read(part);
        return { isUp: true, load };
      } catch {
        return { isUp: false, load: {} };
      }
    },
  };
}
