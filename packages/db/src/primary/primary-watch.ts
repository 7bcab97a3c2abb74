import pg from 'pg';
import { endpointOf, hostUrls } from './host-urls.ts';
import { primaryChoiceOf } from './primary-choice.ts';
import { READ_ONLY, ReadOnlyServerError } from './read-only-server.ts';

/** Pause before the next connection after a server was rejected, in ms. It doubles up to the maximum. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

/** Calls `act` if the server rejects a write on this connection as read-only. */
function onRefusedWrite(client: pg.Client, act: () => void): void {
  client.connection.on('errorMessage', ({ code }: { code?: string }) => {
    if (code === READ_ONLY) act();
  });
}

/**
 * Keeps the connections of one login away from servers that accept no writes, such as the old primary after a switchover. After a
 * rejected write, all existing connections are closed once they are free. After a new connection reaches such a server, further
 * ones fail without being opened, except for one at the end of each pause. With a list of hosts, each connection goes to the primary.
 */
export class PrimaryWatch {
  readonly #pools: pg.Pool[] = [];
  readonly #lasting = new Set<pg.Client>();
  readonly #generations = new WeakMap<pg.ClientBase, number>();
  #generation = 0;
  #refusal: { pauseMs: number; until: number } | undefined;
  readonly #urls: readonly [string, ...string[]];
  /** The host of the newest connection, as its number in the list. */
  #host: number | undefined;

  readonly Client: new (config?: string | pg.ClientConfig) => pg.Client = watchedClientClass(this);

  /** @param url with one host or several @throws ExplainedError for a wrong list */
  constructor(url: string) {
    this.#urls = hostUrls(url);
  }

  /** The URL of one host, for the settings of connections; `connect` replaces the host. */
  get url(): string {
    return this.#urls[0];
  }

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

  /** Closes this connection, which is outside the pools, when it is older than a rejected write. */
  watchClient(client: pg.Client): void {
    this.#lasting.add(client);
    client.once('end', () => this.#lasting.delete(client));
    if (this.#generations.get(client) !== this.#generation) void client.end();
  }

  /** Opens a connection, which counts as writable until its server rejects a write. */
  async connect(client: pg.Client, open: () => Promise<pg.Client>): Promise<pg.Client> {
    if (!this.#mayConnect()) throw new ReadOnlyServerError();
    const host = await primaryChoiceOf(this.#urls)?.find(this.#urls);
    if (host !== undefined) this.#direct(client, host);
    this.#generations.set(client, this.#generation);
    onRefusedWrite(client, () => {
      if (this.#generations.get(client) === this.#generation) this.#leave();
    });
    try {
      return await open();
    } catch (error) {
      this.#report(host, error as Error);
      throw error;
    }
  }

  markWritable(): void {
    this.#refusal = undefined;
  }

  markReadOnly(): void {
    this.#refusal ??= { pauseMs: MIN_PAUSE_MS, until: performance.now() + MIN_PAUSE_MS };
    this.#leave();
  }

  /** Whether a connection may be opened now. During a refusal one is allowed in each pause. */
  #mayConnect(): boolean {
    if (!this.#refusal) return true;
    const now = performance.now();
    if (now < this.#refusal.until) return false;
    const pauseMs = Math.min(2 * this.#refusal.pauseMs, MAX_PAUSE_MS);
    this.#refusal = { pauseMs, until: now + pauseMs };
    return true;
  }

  /** Sends a new connection to a host, which replaces the connections to another one. */
  #direct(client: pg.Client, host: number): void {
    // The pool no longer waits for this connection.
    if (client.connection.stream.destroyed) throw new Error('timeout expired');
    const endpoint = endpointOf(this.#urls[host]!);
    Object.assign(client, endpoint);
    Object.assign((client as unknown as { connectionParameters: object }).connectionParameters, endpoint);
    if (this.#host !== undefined && this.#host !== host) this.#retireConnections();
    this.#host = host;
  }

  #leave(): void {
    this.#report(this.#host, new ReadOnlyServerError());
    this.#retireConnections();
  }

  #report(host: number | undefined, error: Error): void {
    if (host !== undefined) primaryChoiceOf(this.#urls)?.report(host, error);
  }

  #retireConnections(): void {
    this.#generation += 1;
    // The pool hands out idle connections first; each ends when it is released.
    for (const pool of this.#pools) {
      for (let idle = pool.idleCount; idle > 0; idle--) pool.connect((_, client) => client?.release());
    }
    // Not within the query that was refused.
    for (const client of this.#lasting)
      if (this.#generations.get(client) !== this.#generation) process.nextTick(() => void client.end());
  }
}

function watchedClientClass(watch: PrimaryWatch) {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      // A broken connection fails its query. Without a listener the event would end the process.
      this.on('error', () => {});
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error?: Error) => void): void;
    override connect(callback?: (error?: Error) => void): Promise<pg.Client> | undefined {
      const connecting = watch.connect(this, () => super.connect());
      if (!callback) return connecting;
      connecting.then(() => callback(), callback);
      return undefined;
    }
  };
}
