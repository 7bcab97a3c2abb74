import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { addressOf, hostUrls } from './host-urls.ts';
import { IS_READ_ONLY, NoPrimaryError, READ_ONLY, ReadOnlyServerError } from './read-only-server.ts';

/** Time in which a host must accept a connection and answer, in ms. It is below the time limit of connections of the pools. */
const ANSWER_MS = 2000;
/** How long an earlier host of the list may answer after a later one: of two servers that accept writes all processes take the same. */
const EARLIER_MS = 250;
/** Pause between two choices, in ms. It doubles up to the maximum while no host accepts writes. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

/** SQLSTATEs of a server that ends or starts, and of a pooler without its server. */
const LEFT_BY = /^(?:57P0[123]|08...)$/;

/** Whether another host may accept writes. An answer such as a wrong password comes from a server that works. */
function isLost(error: Error): boolean {
  return !(error instanceof pg.DatabaseError) || error.code === READ_ONLY || LEFT_BY.test(error.code ?? '');
}

/**
 * Chooses the host of a list to which all connections of this process go: one that accepts writes. The choice stays until a connection to
 * the host fails. Then all hosts are asked at once, at most once a pause; the last good one has priority, then the order of the list.
 */
export class PrimaryChoice {
  #primary: number | undefined;
  #lastPrimary = 0;
  #choosing: Promise<number> | undefined;
  #pauseMs = MIN_PAUSE_MS;
  #nextAt = 0;
  #fault: Error | undefined;

  /** The number of the host in the list. @param urls of one login, one for each host @throws NoPrimaryError, or the last error during a pause */
  async find(urls: readonly string[]): Promise<number> {
    if (this.#primary !== undefined) return this.#primary;
    if (!this.#choosing && this.#fault && performance.now() < this.#nextAt) throw this.#fault;
    this.#choosing ??= this.#choose(urls).finally(() => (this.#choosing = undefined));
    return this.#choosing;
  }

  /** A connection to the host failed, or its server rejected a write. */
  report(host: number, error: Error): void {
    if (this.#primary !== host || !isLost(error)) return;
    this.#primary = undefined;
    this.#fault = error;
  }

  async #choose(urls: readonly string[]): Promise<number> {
    const last = this.#lastPrimary;
    try {
      const order = [last, ...urls.keys()].filter((host, index, all) => all.indexOf(host) === index);
      const primary = await firstWritable(urls, order);
      this.#pauseMs = MIN_PAUSE_MS;
      this.#lastPrimary = primary;
      this.#primary = primary;
      return primary;
    } catch (error) {
      this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
      this.#fault = error as Error;
      throw error;
    } finally {
      this.#nextAt = performance.now() + this.#pauseMs;
    }
  }
}

/** By the hosts of the list: logins with the same list share the choice, so that they never use two servers. */
const choices = new Map<string, PrimaryChoice>();

/** The choice of a list of hosts; undefined for one host. */
export function primaryChoiceOf(urls: readonly string[]): PrimaryChoice | undefined {
  if (urls.length === 1) return undefined;
  const key = urls.map(addressOf).join(',');
  const choice = choices.get(key) ?? new PrimaryChoice();
  choices.set(key, choice);
  return choice;
}

/**
 * The URL of one host for a connection outside the pools: that of a server that accepts writes, or the only one.
 * @throws ExplainedError for a wrong list, NoPrimaryError if no host accepts writes
 */
export async function primaryUrl(url: string): Promise<string> {
  const urls = hostUrls(url);
  const host = await primaryChoiceOf(urls)?.find(urls);
  return urls[host ?? 0]!;
}

/** @param order the numbers of all hosts @throws NoPrimaryError */
async function firstWritable(urls: readonly string[], order: readonly number[]): Promise<number> {
  const asked = order.map(async (host) => {
    await checkWritable(urls[host]!);
    return host;
  });
  const later = Promise.any(asked).then((host) => sleep(EARLIER_MS, host));
  try {
    return await Promise.race([firstOf(asked), later]);
  } catch {
    const outcomes = await Promise.allSettled(asked);
    throw noPrimary(urls.map((url, host) => faultOf(url, outcomes[order.indexOf(host)])));
  }
}

/** The first of these in their order that is fulfilled. */
async function firstOf<T>([first, ...others]: readonly Promise<T>[]): Promise<T> {
  return others.length === 0 ? first! : first!.catch(() => firstOf(others));
}

type HostFault = { address: string; error: Error & { code?: string } };

const faultOf = (url: string, outcome: PromiseSettledResult<number> | undefined): HostFault => ({
  address: addressOf(url),
  error: (outcome as PromiseRejectedResult).reason as Error,
});

function noPrimary(faults: readonly HostFault[]): NoPrimaryError {
  const texts = faults.map(({ address, error }) => {
    const reason = error instanceof ReadOnlyServerError ? 'is read-only' : error.message || error.code;
    return `${address} (${reason})`;
  });
  return new NoPrimaryError(
    faults.map(({ error }) => error),
    `no host of the database accepts writes: ${texts.join(', ')}`,
  );
}

/** @throws the error of the connection, or ReadOnlyServerError */
async function checkWritable(connectionString: string): Promise<void> {
  const client = new pg.Client({
    connectionString,
    application_name: 'errand',
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  client.on('error', () => {}); // a lost connection also fails the query in flight
  try {
    await client.connect();
    const { rows } = await client.query<{ readOnly: boolean }>(`SELECT ${IS_READ_ONLY} AS "readOnly"`);
    if (rows[0]!.readOnly) throw new ReadOnlyServerError();
  } finally {
    // A host that does not answer would not confirm the end.
    void client.end().catch(() => {});
    setTimeout(() => client.connection.stream.destroy(), ANSWER_MS).unref();
  }
}
