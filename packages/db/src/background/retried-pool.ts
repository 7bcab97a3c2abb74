import type { Pool, PoolClient } from 'pg';
import { isDatabaseTrouble } from '../database-errors.ts';

/** SQLSTATE cannot_connect_now: graphile-worker repeats such statements 100 times, after pauses from 3 s to 2 minutes. */
const RETRIED_CODE = '57P03';

/**
 * A pool for graphile-worker, for which each failure of Postgres or of a connection is worth a retry.
 *
 * graphile-worker does not await the statement that completes a job. It repeats the statement after an error with one of a few codes; another
 * error is an unhandled rejection, which would end the process, and the job stays locked for four hours. node-postgres gives no code to
 * a pool without a free connection and to a broken connection. Completions may be repeated: each changes a job by its id.
 */
export function retriedPool(pool: Pool): Pool {
  const connect = async (): Promise<PoolClient> => {
    const client = await retried(pool, pool.connect());
    return delegate(client, {
      query: (...args: Parameters<PoolClient['query']>) => {
        const result: unknown = client.query(...args);
        return result instanceof Promise ? retried(pool, result) : result;
      },
    });
  };
  return delegate(pool, {
    // With a callback graphile-worker listens, and handles errors itself.
    connect: (...args: [] | [callback: never]) => (args.length === 0 ? connect() : pool.connect(...args)),
  });
}

/** An object with some other members. */
function delegate<T extends object>(target: T, members: { [Name in keyof T]?: unknown }): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in members) return members[name as keyof T];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function retried<T>(pool: Pool, result: Promise<T>): Promise<T> {
  return result.catch((error: Error) => {
    // No caller waits for a job after the end of the pool: its lock expires, and another process repeats it.
    if (pool.ending) return new Promise<never>(() => {});
    if (!isDatabaseTrouble(error)) throw error;
    throw Object.assign(new Error(error.message, { cause: error }), { code: RETRIED_CODE });
  });
}
