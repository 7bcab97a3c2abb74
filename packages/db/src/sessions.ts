import type pg from 'pg';

export type SessionOptions = {
  /** The application name in pg_stat_activity. */
  applicationName: string;
  /** The server cancels statements that take longer, in ms. */
  statementTimeoutMs: number;
  /** How long to wait for a connection, in ms. */
  connectTimeoutMs: number;
  /** More settings of the session by name, such as `role`. */
  options?: Readonly<Record<string, string>>;
};

/** The server ends transactions that are idle longer, in ms, because their locks delay others. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** The server ends a session whose machine has not answered for 9 s: its locks are free then, also those of a lost machine. */
const alive = {
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 2,
  tcp_user_timeout: 9000,
};
/** Time for the answer to a statement to arrive, in ms. */
const ANSWER_MS = 1000;
/** This side sends keep-alive probes after this many ms of silence; Node closes the connection ten seconds later. */
const KEEP_ALIVE_INITIAL_DELAY_MILLIS = 5000;

/** The settings of a connection. Server options in the URL take precedence. */
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
    keepAliveInitialDelayMillis: KEEP_ALIVE_INITIAL_DELAY_MILLIS,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server cancels a statement first. Without an answer the connection is lost, whatever TCP says.
    query_timeout: statementTimeoutMs + ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}
