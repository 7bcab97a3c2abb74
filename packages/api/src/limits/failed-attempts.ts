import { isIPv6 } from 'node:net';
import { problem } from '@errand/contracts';

/** Failures per minute, over all processes of the port, after which an address is limited. */
const MAX_FAILURES = 20;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/** The caller of a request, as far as failures are counted: by address. */
export type ClientAddress = { readonly ip: string };

/**
 * Counts wrong keys, access tokens and links by address. Beyond the limit, an address may only use keys that were valid recently; others
 * are refused without a query. So guessing causes no queries, and valid clients at the same address still work.
 */
export class FailedAttempts {
  readonly #maxFailures: number;
  readonly #counts = new Map<string, { failures: number; until: number }>();

  /** @param processes that count separately, and share the limit */
  constructor(processes = 1, maxFailures = MAX_FAILURES) {
    this.#maxFailures = Math.ceil(maxFailures / processes);
  }

  /** Milliseconds until keys of this address are looked up again; 0 if they are looked up now. */
  waitMs(client: ClientAddress): number {
    if (this.#counts.size === 0) return 0;
    const count = this.#counts.get(ipPrefix(client.ip));
    return count && count.failures >= this.#maxFailures ? Math.max(0, count.until - Date.now()) : 0;
  }

  clear(): void {
    this.#counts.clear();
  }

  record(client: ClientAddress): void {
    const prefix = ipPrefix(client.ip);
    const now = Date.now();
    const count = this.#counts.get(prefix);
    if (count && count.until > now) {
      count.failures++;
      return;
    }
    this.#counts.delete(prefix);
    this.#counts.set(prefix, { failures: 1, until: now + WINDOW_MS });
    for (const [oldest, { until }] of this.#counts) {
      if (until > now && this.#counts.size <= MAX_ADDRESSES) break;
      this.#counts.delete(oldest);
    }
  }
}

export const tooManyFailedAttempts = (waitMs: number, kind = 'API keys') => {
  const seconds = Math.ceil(waitMs / 1000);
  return problem('rate_limited', `Too many wrong ${kind} were sent from your address.`, {
    remedy: `Wait ${seconds} s.`,
    headers: { 'retry-after': String(seconds) },
    values: { retryAfterSeconds: seconds },
  });
};

/** An IPv4 address, or the first 64 bits of an IPv6 address: one client usually controls the whole /64 network. */
export function ipPrefix(ip: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (v4) return v4;
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.split('%', 1)[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) groups.push(...new Array<string>(Math.max(0, 8 - groups.length - after.length)).fill('0'));
  return [...groups, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
