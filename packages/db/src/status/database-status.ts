import { RecentCache } from '@errand/basics/cache/recent-cache';
import type { SystemStatus } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import * as parts from './database-parts.ts';
import { readPart } from './read-part.ts';

/** The part of the state of the instance that the database has. */
export type DatabaseStatus = Pick<
  SystemStatus,
  'readAt' | 'postgresVersion' | 'migrations' | 'workers' | 'processes' | 'queue' | 'database'
>;

/** Maximum age of an answer, in ms: callers cannot load the database with it. */
const TTL_MS = 5000;
/** Maximum time of all parts, in ms. */
const ALL_MS = 3000;

/** Reads the state of the database at most once in five seconds. Parts that the login may not read, or not in time, are `unknown`. */
export function databaseStatus(pool: Pool) {
  const cache = new RecentCache<DatabaseStatus>(TTL_MS, 1);
  return { read: async (): Promise<DatabaseStatus> => cache.get('status', '', () => readStatus(pool)) };
}

async function readStatus(pool: Pool): Promise<DatabaseStatus> {
  const deadline = performance.now() + ALL_MS;
  const read = <Part>(part: (client: PoolClient) => Promise<Part>) => readPart(pool, part, deadline);
  return {
    readAt: new Date().toISOString(),
    postgresVersion: await read(parts.readPostgresVersion),
    migrations: await read(parts.readMigrations),
    workers: await read(parts.readWorkers),
    processes: await read(parts.readProcesses),
    queue: await read(parts.readQueue),
    database: {
      bytes: await read(parts.readBytes),
      connections: await read(parts.readConnections),
      oldestSnapshot: await read(parts.readOldestSnapshot),
      unusedIndexes: await read(parts.readUnusedIndexes),
    },
  };
}
