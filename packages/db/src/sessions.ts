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
const IDLE_IN_TRANSACTION_MS = 10_000;
/** The server ends a session whose machine has not answered for 9 s: its locks are free then, also those of a lost machine. */
const alive = {
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 2,
  tcp_user_timeout: 9000,
};
/** The answer to a statement may be on its way for so long, in ms. */
const ANSWER_MS = 1000;
/** This side asks after so long; Node gives up ten seconds later. */
const KEEP_ALIVE_INITIAL_DELAY_MILLIS = 5000;

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
    keepAliveInitialDelayMillis: KEEP_ALIVE_INITIAL_DELAY_MILLIS,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server ends a statement first; when nothing is heard from it, the way to it is gone, whatever TCP says.
    query_timeout: statementTimeoutMs + ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}
