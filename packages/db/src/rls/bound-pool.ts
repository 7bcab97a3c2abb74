import type { Pool, PoolClient, QueryResult } from 'pg';
import type { Share } from './share.ts';

/** Workspaces whose pools and clients are kept. To make one again is cheap, but not for each request. */
export const MAX_WORKSPACES = 1000;

/** Which workspace each connection of a pool was told last. */
const told = new WeakMap<PoolClient, string>();

const tell = (workspaceId: string) => ({
  name: 'workspace_set',
  text: `SELECT set_config('errand.workspace', $1, false)`,
  values: [workspaceId],
});

type Done<T> = (error: Error | null | undefined, result?: T) => void;
type Query = (query: unknown, values: unknown, done: Done<QueryResult>) => void;

/**
 * A pool whose statements run for one workspace: row-level security shows them its rows and no others. The session is told of it
 * when it was told of another one last, in front of the statement and on the way with it: the pool's connections pipeline.
 * @param workspaceOf asked at each statement; nothing: no rows
 * @param share how many of the connections one workspace may have at once; all unless told
 */
export function boundPool(pool: Pool, workspaceOf: () => string | undefined, share?: Share): Pool {
  // By callbacks, as the pool does it: this is on the way of every statement.
  function take(taken: Done<PoolClient>, whenTold: (failure?: Error) => void): void {
    const workspaceId = workspaceOf() ?? '';
    if (share) enter(share, workspaceId, taken, whenTold);
    else connectTo(workspaceId, taken, whenTold);
  }

  function enter(own: Share, workspaceId: string, taken: Done<PoolClient>, whenTold: (failure?: Error) => void): void {
    const withPlace: Done<PoolClient> = (error, client) => {
      if (client) leaveOnRelease(client, () => own.leave(workspaceId));
      else own.leave(workspaceId);
      taken(error, client);
    };
    own.enter(workspaceId, (busy) => {
      if (busy) taken(busy);
      else connectTo(workspaceId, withPlace, whenTold);
    });
  }

  function connectTo(workspaceId: string, taken: Done<PoolClient>, whenTold: (failure?: Error) => void): void {
    pool.connect((error, client) => {
      if (error || !client) return taken(error);
      if (told.get(client) === workspaceId) {
        taken(null, client);
        return whenTold();
      }
      told.set(client, workspaceId);
      (client.query as Query)(tell(workspaceId), undefined, (failure) => {
        if (failure) told.delete(client);
        whenTold(failure ?? undefined);
      });
      taken(null, client);
    });
  }

  const connect = (): Promise<PoolClient> =>
    new Promise((resolve, reject) => {
      let client: PoolClient | undefined;
      take(
        (error, got) => {
          client = got;
          if (!got) reject(error);
        },
        (failure) => {
          if (failure) client?.release(failure);
          if (failure) reject(failure);
          else resolve(client!);
        },
      );
    });

  const query = (text: unknown, values?: unknown): Promise<QueryResult> =>
    new Promise((resolve, reject) => {
      let untold: Error | undefined;
      take(
        (error, client) => {
          if (!client) return reject(error);
          (client.query as Query)(text, values, (failure, result) => {
            // What ran for another workspace is no answer. It comes after the answer to what was sent in front of it.
            const wrong = untold ?? failure;
            // As the pool does: a connection whose statement failed is not used again, unless the server said why.
            client.release(wrong && !isAnswer(wrong) ? wrong : undefined);
            if (wrong) reject(wrong);
            else resolve(result!);
          });
        },
        (failure) => {
          untold = failure;
        },
      );
    });

  return new Proxy(pool, {
    get(target, key) {
      if (key === 'connect') return connect;
      if (key === 'query') return query;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Calls `leave` once the connection is the pool's again, which makes another `release` each time it is taken. */
function leaveOnRelease(client: PoolClient, leave: () => void): void {
  const { release } = client;
  client.release = (error) => {
    release(error);
    leave();
  };
}

/** Whether it is the server's answer to the statement, after which the connection goes on. */
export const isAnswer = (error: Error): boolean => (error as { severity?: unknown }).severity === 'ERROR';
