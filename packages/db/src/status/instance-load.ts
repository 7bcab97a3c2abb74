import { shareLoad } from '@errand/basics/share-load';
import type { SystemStatus } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { readConnections, readQueue } from './database-parts.ts';
import * as parts from './load-parts.ts';
import { readPart } from './read-part.ts';

type Known<Part> = Exclude<Part, 'unknown'>;

/** The load of the whole instance, as the database has it. */
export type InstanceLoad = {
  queue: Known<SystemStatus['queue']>;
  waits: parts.WaitingRequests;
  webhooks: parts.WebhookBacklog;
  snapshots: parts.HeldSnapshots;
  queueTable: { live: number; dead: number };
  aliveWorkers: number;
  connections: Known<SystemStatus['database']['connections']>;
};

export const loadParts = [
  ...(['queue', 'waits', 'webhooks', 'snapshots', 'queueTable', 'aliveWorkers', 'connections'] as const),
];

/** Parts that the login may not read, or not in time, are absent; `isUp` is false if the database does not answer. */
export type LoadReading = { isUp: boolean; load: Partial<InstanceLoad> };

/** Maximum age of a reading, in ms: many callers cost no more than one. */
const TTL_MS = 10_000;
/** Maximum time of all parts, in ms. */
const ALL_MS = 3000;

const readers: { [Part in keyof InstanceLoad]: (client: PoolClient) => Promise<InstanceLoad[Part] | 'unknown'> } = {
  queue: readQueue,
  waits: parts.readWaits,
  webhooks: parts.readWebhookBacklog,
  snapshots: parts.readSnapshots,
  queueTable: parts.readQueueTable,
  aliveWorkers: parts.readAliveWorkers,
  connections: readConnections,
};

/** Reads the load at most once in ten seconds, also while the database does not answer. */
export const instanceLoad = (pool: Pool) => ({ read: shareLoad(TTL_MS, () => readLoad(pool)) });

async function readLoad(pool: Pool): Promise<LoadReading> {
  const deadline = performance.now() + ALL_MS;
  const load: Partial<InstanceLoad> = {};
  const read = async <Part extends keyof InstanceLoad>(part: Part) => {
    const value = await readPart(pool, readers[part], deadline);
    if (value !== 'unknown') load[part] = value;
  };
  try {
    for (const part of loadParts) await read(part);
    return { isUp: true, load };
  } catch {
    return { isUp: false, load: {} };
  }
}
