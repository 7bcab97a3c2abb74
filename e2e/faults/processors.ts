import { cpus } from 'node:os';

/** A time interval, in ms since the epoch. */
export type Span = { from: number; to: number };

type Times = { at: number; idle: number; all: number };

/** Below this share of idle time all processors count as busy. */
const IDLE = 0.05;

/** Records when all processors of the machine were busy, so that everything had to wait. */
export class Processors {
  readonly busy: Span[] = [];
  #last: Times | undefined;

  /** Measures the time since its last call. @param now the processor times; default those of the machine */
  read(now: Times = timesOf(Date.now())): void {
    const last = this.#last;
    this.#last = now;
    if (!last || now.idle - last.idle >= (now.all - last.all) * IDLE) return;
    const before = this.busy.at(-1);
    if (before?.to === last.at) before.to = now.at;
    else this.busy.push({ from: last.at, to: now.at });
  }
}

function timesOf(at: number): Times {
  const each = cpus().map(({ times }) => times);
  const idle = each.reduce((sum, times) => sum + times.idle, 0);
  const all = each.reduce((sum, times) => sum + Object.values(times).reduce((a, b) => a + b, 0), 0);
  return { at, idle, all };
}

/** Weight of time in which all processors are busy: everything waits then, but nothing may wait forever. */
const BUSY_SHARE = 1 / 4;

/** The length of an interval in ms. Time in which all processors were busy counts a quarter, or `share`. */
export function weighedMs(span: Span, busy: readonly Span[], share: number = BUSY_SHARE): number {
  const free = msOutside(span, busy);
  return Math.round(free + share * (msOutside(span, []) - free));
}

/** The part of an interval that none of the others covers, in ms. @param others in order, without overlap */
export function msOutside({ from, to }: Span, others: readonly Span[]): number {
  const covered = others.reduce(
    (ms, interval) => ms + Math.max(0, Math.min(to, interval.to) - Math.max(from, interval.from)),
    0,
  );
  return Math.max(0, to - from - covered);
}
