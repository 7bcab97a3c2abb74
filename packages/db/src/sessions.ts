import type { IncomingMessage } from 'node:http';
import type pg from 'pg';

export type SessionOptions = {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** A statement that takes longer is ended by the server, in ms. */
  statementTimeoutMs: number;
  /** Waiting for a connection ends after so long, in ms. */
  connectTimeoutMs: number;
  /** More settings of the session, by their names; `role` says what its statements may do. */
  options?: Readonly<Record<string, string>>;
};

/** Nobody holds a transaction open for long, in ms: its locks would hold up others. */
const idleInTransactionMs = 10_000;
/** The server ends a session whose machine has not answered for 9 s: its locks are free then, also those of a lost machine. */
const alive = {
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 2,
  tcp_user_timeout: 9000,
};
/** This side asks after so long; Node gives up ten seconds later. */
const keepAliveInitialDelayMillis = 5000;

/** How each connection of this process is made. Options of the server in the URL stay, and win. */
export function sessionConfig(
  url: string,
  { applicationName, statementTimeoutMs, connectTimeoutMs, options }: SessionOptions,
): pg.ClientConfig {
  const led = new URL(url);
  const own = Object.entries({ ...alive, ...options }).map(([name, value]) => `-c ${name}=${value}`);
  led.searchParams.set('options', [...own, led.searchParams.get('options') ?? ''].join(' ').trim());
  return {
    connectionString: led.href,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
}

const lookMs = 1000;

// What node-postgres knows of itself and its types do not tell.
type Inner = pg.Client & { readyForQuery: boolean; connection: { stream: IncomingMessage['socket'] } };
type Look = { moved: number; looks: number };

/**
 * Ends connections on which a query waits while nothing moves for `patienceMs`: the way to the server is gone, whatever TCP says.
 * Time is counted in looks, so that a process that was held up itself does not take that for silence.
 */
export class SilenceWatch {
  private readonly clients = new Map<Inner, Look>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly patienceMs: number) {
    this.timer = setInterval(() => this.look(), lookMs);
    this.timer.unref();
  }

  /** Watches a connection until it ends. */
  add(client: pg.Client | pg.PoolClient): void {
    const inner = client as Inner;
    this.clients.set(inner, { moved: 0, looks: 0 });
    client.once('end', () => this.clients.delete(inner));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const [client, last] of this.clients) {
      const { stream } = client.connection;
      const moved = (stream.bytesRead ?? 0) + (stream.bytesWritten ?? 0) - (stream.writableLength ?? 0);
      if (client.readyForQuery || moved !== last.moved) {
        last.moved = moved;
        last.looks = 0;
        continue;
      }
      last.looks++;
      if (last.looks * lookMs >= this.patienceMs) {
        stream.destroy(new Error('Connection terminated: the database server does not respond.'));
      }
    }
  }
}
