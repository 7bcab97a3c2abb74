import { isIPv6 } from 'node:net';
import { problem } from '@errand/contracts';

/** Wrong keys per minute after which an address is limited. */
const MAX_WRONG = 20;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/**
 * Counts wrong keys by address. Beyond the limit, an address may only use keys that were valid recently; other keys are refused without
 * a query. So guessing causes no queries, and valid clients at the same address still work.
 */
export class WrongKeys {
  readonly #counts = new Map<string, { wrong: number; until: number }>();

  /** Milliseconds until keys of this address are looked up again; 0 if they are looked up now. */
  waitMs(request: { readonly ip: string }): number {
    if (this.#counts.size === 0) return 0;
    const count = this.#counts.get(ipPrefix(request.ip));
    return count && count.wrong >= MAX_WRONG ? Math.max(0, count.until - Date.now()) : 0;
  }

  clear(): void {
    this.#counts.clear();
  }

  note(request: { readonly ip: string }): void {
    const prefix = ipPrefix(request.ip);
    const now = Date.now();
    const count = this.#counts.get(prefix);
    if (count && count.until > now) {
      count.wrong++;
      return;
    }
    this.#counts.delete(prefix);
    this.#counts.set(prefix, { wrong: 1, until: now + WINDOW_MS });
    for (const [oldest, { until }] of this.#counts) {
      if (until > now && this.#counts.size <= MAX_ADDRESSES) break;
      this.#counts.delete(oldest);
    }
  }
}

export const tooManyWrong = (waitMs: number, kind = 'API keys') => {
  const seconds = Math.ceil(waitMs / 1000);
  return problem('rate_limited', `Too many wrong ${kind} were sent from your address.`, {
    remedy: `Wait ${seconds} s.`,
    headers: { 'retry-after': String(seconds) },
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
