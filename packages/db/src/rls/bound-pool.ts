import type { Pool, PoolClient, QueryResult } from 'pg';
import type { WorkspaceLimit } from './workspace-limit.ts';

/** Number of workspaces with cached pools and clients. */
export const MAX_WORKSPACES = 1000;

/** The current workspace of each connection. */
const currentWorkspaces = new WeakMap<PoolClient, string>();

const setWorkspace = (workspaceId: string) => ({
  name: 'workspace_set',
  text: `SELECT set_config('errand.workspace', $1, false)`,
  values: [workspaceId],
});

type Callback<T> = (error: Error | null | undefined, result?: T) => void;
type Query = (query: unknown, values: unknown, done: Callback<QueryResult>) => void;

/** `done` gets the connection; `whenSet` is called when its workspace is set, or with the error. */
type Checkout = { done: Callback<PoolClient>; whenSet: (failure?: Error) => void };

/** Connects and sets the workspace. The statement is sent immediately, without waiting for the setting. */
function connectTo(pool: Pool, workspaceId: string, { done, whenSet }: Checkout): void {
  pool.connect((error, client) => {
    if (error || !client) return done(error);
    if (currentWorkspaces.get(client) === workspaceId) {
      done(null, client);
      return whenSet();
    }
    currentWorkspaces.set(client, workspaceId);
    (client.query as Query)(setWorkspace(workspaceId), undefined, (failure) => {
      if (failure) currentWorkspaces.delete(client);
      whenSet(failure ?? undefined);
    });
    done(null, client);
  });
}

function connectWithinLimit(limit: WorkspaceLimit, pool: Pool, workspaceId: string, { done, whenSet }: Checkout): void {
  const withSlot: Callback<PoolClient> = (error, client) => {
    if (client) leaveOnRelease(client, () => limit.leave(workspaceId));
    else limit.leave(workspaceId);
    done(error, client);
  };
  limit.enter(workspaceId, (busy) => {
    if (busy) done(busy);
    else connectTo(pool, workspaceId, { done: withSlot, whenSet });
  });
}

/**
 * A pool for one workspace: row-level security hides rows of others. If the session has another workspace, the setting precedes
 * the statement in the same pipeline.
 * @param workspaceOf the workspace of a statement; undefined: no rows are visible
 * @param limit limits the connections of one workspace; unlimited by default
 */
export function boundPool(pool: Pool, workspaceOf: () => string | undefined, limit?: WorkspaceLimit): Pool {
  // Uses callbacks for speed, as the pool does: every statement passes through here.
  function checkOut(checkout: Checkout): void {
    const workspaceId = workspaceOf() ?? '';
    if (limit) connectWithinLimit(limit, pool, workspaceId, checkout);
    else connectTo(pool, workspaceId, checkout);
  }

  const connect = (): Promise<PoolClient> =>
    new Promise((resolve, reject) => {
      let client: PoolClient | undefined;
      checkOut({
        done: (error, connected) => {
          client = connected;
          if (!connected) reject(error);
        },
        whenSet: (failure) => {
          if (failure) client?.release(failure);
          if (failure) reject(failure);
          else resolve(client!);
        },
      });
    });

  const query = (text: unknown, values?: unknown): Promise<QueryResult> =>
    new Promise((resolve, reject) => {
      let setFailure: Error | undefined;
      checkOut({
        done: (error, client) => {
          if (!client) return reject(error);
          (client.query as Query)(text, values, (failure, result) => {
            // Without its workspace the result is discarded. It arrives after the answer to the setting.
            const cause = setFailure ?? failure;
            // As in the pool: after a failed statement the connection is reused only if the server answered.
            client.release(cause && !isServerAnswer(cause) ? cause : undefined);
            if (cause) reject(cause);
            else resolve(result!);
          });
        },
        whenSet: (failure) => {
          setFailure = failure;
        },
      });
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

/** Calls `leave` on release; the pool creates a new `release` for each checkout. */
function leaveOnRelease(client: PoolClient, leave: () => void): void {
  const { release } = client;
  client.release = (error) => {
    release(error);
    leave();
  };
}

/** Whether the server answered a statement with the error, so that the connection is still usable. */
export const isServerAnswer = (error: Error): boolean => (error as { severity?: unknown }).severity === 'ERROR';
