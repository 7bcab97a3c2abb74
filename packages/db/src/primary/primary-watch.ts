import pg from 'pg';

/** SQLSTATE read_only_sql_transaction: a standby or a server with read-only transactions rejects a write. */
const READ_ONLY = '25006';
/** Pause before the next connection after a server was rejected, in ms. It doubles up to the maximum. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

/** True on a standby and with `default_transaction_read_only`. Unlike `pg_is_in_recovery()`, every login can read it. */
export const IS_READ_ONLY = `current_setting('transaction_read_only') = 'on'`;

export class ReadOnlyServerError extends Error {
  override name = 'ReadOnlyServer';
  /** The same code as for a rejected write: callers may try again. */
  readonly code = READ_ONLY;

  constructor() {
    super(
      'the database server is read-only: it is a standby, or default_transaction_read_only is on. Point the address to the primary',
    );
  }
}

/** Calls `act` if the server rejects a write on this connection as read-only. */
function onRefusedWrite(client: pg.Client, act: () => void): void {
  client.connection.on('errorMessage', ({ code }: { code?: string }) => {
    if (code === READ_ONLY) act();
  });
}

/**
 * Keeps the connections of one login away from servers that accept no writes, such as the old primary after a switchover. After a
 * rejected write, all existing connections are closed once they are free. After a new connection reaches such a server, further
 * ones fail without being opened, except for one at the end of each pause.
 */
export class PrimaryWatch {
  readonly #pools: pg.Pool[] = [];
  readonly #generations = new WeakMap<pg.ClientBase, number>();
  #generation = 0;
  #refusal: { pauseMs: number; until: number } | undefined;

  readonly Client: new (config?: string | pg.ClientConfig) => pg.Client = watchedClientClass(this);

  /** Whether the newest connection reached a server that accepts no writes. */
  get isRefusing(): boolean {
    return this.#refusal !== undefined;
  }

  /** Closes connections of this pool that are older than a rejected write. */
  watchPool(pool: pg.Pool): void {
    this.#pools.push(pool);
    // The pool discards a released connection that has ended.
    pool.on('release', (_, client) => {
      if (this.#generations.get(client) !== this.#generation) void (client as unknown as pg.Client).end();
    });
  }

  /** A new connection outside the pools. It ends if the server rejects a write. */
  newClient(config: pg.ClientConfig): pg.Client {
    const client = new this.Client(config);
    onRefusedWrite(client, () => process.nextTick(() => void client.end()));
    return client;
  }

  /** Adds a new connection, which counts as writable until its server rejects a write. */
  track(client: pg.Client): void {
    this.#generations.set(client, this.#generation);
    onRefusedWrite(client, () => {
      if (this.#generations.get(client) === this.#generation) this.#retireConnections();
    });
  }

  markWritable(): void {
    this.#refusal = undefined;
  }

  markReadOnly(): void {
    this.#refusal ??= { pauseMs: MIN_PAUSE_MS, until: performance.now() + MIN_PAUSE_MS };
    this.#retireConnections();
  }

  /** Whether a connection may be opened now. During a refusal one is allowed in each pause. */
  mayConnect(): boolean {
    if (!this.#refusal) return true;
    const now = performance.now();
    if (now < this.#refusal.until) return false;
    const pauseMs = Math.min(2 * this.#refusal.pauseMs, MAX_PAUSE_MS);
    this.#refusal = { pauseMs, until: now + pauseMs };
    return true;
  }

  #retireConnections(): void {
    this.#generation += 1;
    // The pool hands out idle connections first; each ends when it is released.
    for (const pool of this.#pools) {
      for (let idle = pool.idleCount; idle > 0; idle--) pool.connect((_, client) => client?.release());
    }
  }
}

function watchedClientClass(watch: PrimaryWatch) {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      watch.track(this);
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | undefined {
      if (watch.mayConnect()) {
        if (!callback) return super.connect();
        super.connect(callback);
      } else {
        const error = new ReadOnlyServerError();
        if (!callback) return Promise.reject(error);
        process.nextTick(callback, error);
      }
      return undefined;
    }
  };
}
