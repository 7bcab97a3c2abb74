import { RecentCache } from '@errand/basics/recent-cache';
import type { SystemStatus } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../statements/scope.ts';
import * as parts from './database-parts.ts';

/** The part of the state of the instance that the database has. */
export type DatabaseStatus = Pick<
  SystemStatus,
  'readAt' | 'postgresVersion' | 'migrations' | 'workers' | 'processes' | 'queue' | 'database'
>;

/** Maximum age of an answer, in ms: callers cannot load the database with it. */
const TTL_MS = 5000;
/** Maximum time of one part, and of all parts, in ms. */
const PART_MS = 1000;
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

/** SQLSTATEs of a missing right, a missing table and a statement timeout. */
const UNREADABLE = ['42501', '42P01', '57014'];

/** @throws the error of a connection that fails */
async function readPart<Part>(
  pool: Pool,
  part: (client: PoolClient) => Promise<Part>,
  deadline: number,
): Promise<Part | 'unknown'> {
  const timeoutMs = Math.floor(Math.min(PART_MS, deadline - performance.now()));
  if (timeoutMs <= 0) return 'unknown';
  try {
    return await withTransaction(pool, async (client) => {
      await client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(timeoutMs)]);
      return part(client);
    });
  } catch (error) {
    if (UNREADABLE.includes((error as { code?: string }).code ?? '')) return 'unknown';
    throw error;
  }
}
