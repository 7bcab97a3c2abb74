import pg from 'pg';
import { PrimaryWatch } from './primary/primary-watch.ts';
import { IS_READ_ONLY, ReadOnlyServerError } from './primary/read-only-server.ts';
import { KEEP_ALIVE, withServerOptions, withSession } from './primary/session.ts';
import { checkLogins, type Login, takeRole, weaknesses } from './rls/logins.ts';
import { batchPoolOptions } from './runs/transitions/transitions.ts';

export type ConnectionOptions = {
  /** URL of a login with the role errand_system, with one host or a list of hosts of which one accepts writes. */
  url: string;
  /** URL of a login with the role errand_app, and preferably no other role; `url` by default. */
  tenantUrl?: string;
  /** Maximum number of connections: 40 % serve callers, the rest runs and the queue, at least two each. The batch pool adds two. */
  poolSize?: number;
  applicationName?: string;
  /** The server cancels longer statements, in ms. Without an answer for another second the connection is closed. */
  statementTimeoutMs?: number;
  /** Maximum wait for a connection, in ms. */
  connectTimeoutMs?: number;
  /** For the log: an idle connection broke, and the pool replaces it. */
  onError?: (error: Error) => void;
  /** For the log: a new connection lacked its role and was closed, or this process lacks the sealing master key. */
  onRefused?: (error: Error) => void;
};

export const DEFAULT_POOL_SIZE = 10;

export const withDefaults = (options: ConnectionOptions): Required<ConnectionOptions> => ({
  ...options,
  tenantUrl: options.tenantUrl ?? options.url,
  poolSize: options.poolSize ?? DEFAULT_POOL_SIZE,
  applicationName: options.applicationName ?? 'errand',
  statementTimeoutMs: options.statementTimeoutMs ?? 5000,
  connectTimeoutMs: options.connectTimeoutMs ?? 3000,
  onError: options.onError ?? (() => {}),
  onRefused: options.onRefused ?? (() => {}),
});

/** `waiting`: requests for a connection. */
export type PoolUse = {
  name: 'system' | 'tenant' | 'batch' | 'periodic';
  inUse: number;
  idle: number;
  waiting: number;
  max: number;
};

type Role = 'errand_app' | 'errand_system';
type PoolSettings = { pipeline?: boolean; options?: Readonly<Record<string, string>>; idleMs?: number };

/** All connections of this process. Each is checked before its first statement. */
export class Connections {
  readonly #logins = new Map<Role, Login>();
  readonly #watches: Record<Role, PrimaryWatch>;

  readonly tenantPoolSize: number;
  readonly pool: pg.Pool;
  /** For statements of one workspace, under row-level security. */
  readonly tenantPool: pg.Pool;
  readonly batchPool: pg.Pool;
  readonly clock: pg.Pool;

  constructor(private readonly options: Required<ConnectionOptions>) {
    this.#watches = {
      errand_app: new PrimaryWatch(options.tenantUrl),
      errand_system: new PrimaryWatch(options.url),
    };
    this.tenantPoolSize = Math.max(2, Math.round(options.poolSize * 0.4));
    this.pool = this.#newPool('errand_system', Math.max(2, options.poolSize - this.tenantPoolSize));
    this.tenantPool = this.#newPool('errand_app', this.tenantPoolSize, { pipeline: true });
    this.batchPool = this.#newPool('errand_system', 2, { options: batchPoolOptions, idleMs: 0 });
    this.clock = this.#newPool('errand_system', 3);
  }

  get #pools() {
    return { system: this.pool, tenant: this.tenantPool, batch: this.batchPool, periodic: this.clock };
  }

  /** @throws Error with instructions if a login lacks its role */
  checkLogins = (): Promise<void> => checkLogins(this.pool, this.tenantPool);

  /** Ways in which the logins weaken row-level security, with instructions. Empty before `checkLogins`. */
  weaknesses = () => weaknesses(this.#logins.get('errand_app'));

  /** Resolves when the database answers and accepts writes. @throws ReadOnlyServerError, or the error of the database */
  ping = async (): Promise<void> => {
    const checkedPools: [Role, pg.Pool][] = [['errand_system', this.pool]];
    // Without a refusal, callers use this pool often enough to detect the next one.
    if (this.#watches.errand_app.isRefusing) checkedPools.push(['errand_app', this.tenantPool]);
    await Promise.all(
      checkedPools.map(async ([role, pool]) => {
        const { rows } = await pool.query<{ readOnly: boolean }>(`SELECT ${IS_READ_ONLY} AS "readOnly"`);
        if (!rows[0]!.readOnly) return;
        this.#watches[role].markReadOnly();
        throw new ReadOnlyServerError();
      }),
    );
  };

  /** Opens a connection outside the pools, for LISTEN and session locks. The caller ends it. */
  connect = async (): Promise<pg.Client> => {
    const watch = this.#watches.errand_system;
    const client = new watch.Client(this.#sessionConfigAs('errand_system'));
    client.on('error', this.options.onError);
    await client.connect();
    await this.#check(client, 'errand_system').catch(async (error) => {
      await client.end();
      throw error;
    });
    watch.watchClient(client);
    return client;
  };

  /** The connections of each pool at this moment. */
  poolUse = (): PoolUse[] =>
    (['system', 'tenant', 'batch', 'periodic'] as const).map((name) => {
      const { totalCount, idleCount, waitingCount, options } = this.#pools[name];
      return { name, inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount, max: options.max };
    });

  async end(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.end()));
  }

  async #check(client: pg.ClientBase, role: Role): Promise<void> {
    try {
      this.#logins.set(role, await takeRole(client, role));
      this.#watches[role].markWritable();
    } catch (error) {
      if (error instanceof ReadOnlyServerError) this.#watches[role].markReadOnly();
      this.options.onRefused(error as Error);
      throw error;
    }
  }

  #sessionConfigAs(role: Role, options: Readonly<Record<string, string>> = {}): pg.ClientConfig {
    return sessionConfig(this.#watches[role].url, this.options, { ...options, role });
  }

  #newPool(role: Role, max: number, { pipeline = false, options = {}, idleMs = 60_000 }: PoolSettings = {}): pg.Pool {
    const watch = this.#watches[role];
    const pool = new pg.Pool({
      ...this.#sessionConfigAs(role, options),
      pipeline,
      max,
      idleTimeoutMillis: idleMs,
      Client: watch.Client,
      // The `verify` option of the pool loses a connection if its check takes longer than the request waits.
      onConnect: (client) => this.#check(client, role),
    } as pg.PoolConfig);
    pool.on('error', this.options.onError);
    // A broken connection fails its query. Without a listener the event would end the process.
    pool.on('connect', (client) => void client.on('error', () => {}));
    watch.watchPool(pool);
    return pool;
  }
}

/** The server ends longer idle transactions, in ms, because their locks delay other sessions. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/**
 * Before Postgres 18 a setting such as `enable_seqscan = off` raises the estimated cost so much that each claim is compiled. That takes
 * seconds on a busy machine, and statement_timeout does not interrupt it.
 */
const NO_COMPILATION = { jit: 'off' };
/** Time for the answer to arrive, in ms. */
const ANSWER_MS = 1000;

/** Server options in the URL take precedence. */
function sessionConfig(
  url: string,
  { applicationName, statementTimeoutMs, connectTimeoutMs }: Required<ConnectionOptions>,
  options: Readonly<Record<string, string>>,
): pg.ClientConfig {
  return {
    ...KEEP_ALIVE,
    connectionString: withServerOptions(url, { ...NO_COMPILATION, ...options }),
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server cancels the statement first. Without an answer the connection is lost, even if TCP has not noticed.
    query_timeout: statementTimeoutMs + ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

/** How many connections the server accepts from logins that are no superusers. @throws the error of the connection */
export const readConnectionLimit = (url: string): Promise<number> =>
  withSession(url, 'errand', async (client) => {
    const { rows } = await client.query<{ limit: number }>(
      `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS limit`,
    );
    return rows[0]!.limit;
  });
