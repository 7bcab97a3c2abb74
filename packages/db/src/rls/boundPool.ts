import type { Pool, PoolClient } from 'pg';

/** Which workspace each connection of a pool was told last. */
const told = new WeakMap<PoolClient, string>();

/**
 * A pool whose statements run for one workspace: row-level security shows them its rows and no others. The session is told of it
 * before the statement, and only when it was told of another one last.
 * @param workspaceOf asked at each statement; nothing: no rows
 */
export function boundPool(pool: Pool, workspaceOf: () => string | undefined): Pool {
  async function connect(): Promise<PoolClient> {
    const workspaceId = workspaceOf() ?? '';
    const client = await pool.connect();
    if (told.get(client) === workspaceId) return client;
    try {
      // Until it is known to be told, it counts as told nothing.
      told.delete(client);
      await client.query({
        name: 'workspace_set',
        text: `SELECT set_config('errand.workspace', $1, false)`,
        values: [workspaceId],
      });
      told.set(client, workspaceId);
      return client;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }

  async function query(...args: Parameters<PoolClient['query']>): Promise<unknown> {
    const client = await connect();
    try {
      const result: unknown = await client.query(...args);
      client.release();
      return result;
    } catch (error) {
      // Like the pool itself: a connection whose statement failed is not used again unless the server said why.
      client.release(isAnswer(error) ? undefined : (error as Error));
      throw error;
    }
  }

  return new Proxy(pool, {
    get(target, key) {
      if (key === 'connect') return connect;
      if (key === 'query') return query;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Whether it is the server's answer to the statement, after which the connection goes on. */
const isAnswer = (error: unknown): boolean => (error as { severity?: unknown }).severity === 'ERROR';
