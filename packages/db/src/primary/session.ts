import pg from 'pg';
import { primaryUrl } from './primary-choice.ts';

/** The server ends a session after 9 s without an answer from its machine, which releases its locks. */
const TCP_KEEP_ALIVE = {
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 2,
  tcp_user_timeout: 9000,
};

/** The client sends keep-alive probes after this many ms of silence; Node closes the connection ten seconds later. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 5000 };

/** Adds the settings with which a server notices that its client is gone. @param options further settings; those of the URL take precedence */
export function withServerOptions(url: string, options: Readonly<Record<string, string>> = {}): string {
  const address = new URL(url);
  const all = Object.entries({ ...TCP_KEEP_ALIVE, ...options }).map(([name, value]) => `-c ${name}=${value}`);
  address.searchParams.set('options', [...all, address.searchParams.get('options') ?? ''].join(' ').trim());
  return address.href;
}

/**
 * Does work in a session outside the pools, without a time limit of statements. If the machine of one side is lost, the other side notices
 * within 15 s, so that neither waits nor keeps locks. Not for a client that reads slowly: the server would take it for lost.
 * @throws errors of the connection and of the work
 */
export async function withSession<T>(
  url: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...KEEP_ALIVE,
    connectionString: withServerOptions(await primaryUrl(url)),
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // a lost connection also fails the query in flight
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {}); // ends the session, and its locks with it
  }
}
