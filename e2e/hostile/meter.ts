// Measures probes one by one: what each costs the service, and how it ends.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../fixtures/stack.ts';
import type { World } from './world.ts';

/** One field, filled with one shape. */
export type Probe = {
  field: string;
  shape: string;
  /** Size of the shape. */
  bytes: number;
  /** Sends it. @returns how it ended: a status, or the end of a run */
  act: () => Promise<string>;
};
type Row = Omit<Probe, 'act'> & { holdMs: number; processorMs: number; memoryMb: number; ended: string };

const MAX_HOLD_MS = 100;
const MAX_GROWTH_MB = 10;
/** From here on a probe is repeated: the shortest of three holds counts, because collections of memory fall on any probe. */
const SUSPICIOUS_MS = 80;
const [WARM_UP, BETWEEN_LOOKS] = [40, 50];
const PROBE_TIMEOUT_MS = 60_000;

export class Meter {
  readonly rows: Row[] = [];
  readonly faults: string[] = [];
  #probes = 0;

  /** @param look carries out an errand of another workspace @returns how it ended */
  constructor(
    private readonly stack: Stack,
    private readonly look: () => Promise<string>,
  ) {}

  static async of({ office: { stack }, look }: World): Promise<Meter> {
    await stack.used();
    return new Meter(stack, look);
  }

  /** Measures all probes of a surface. Memory is compared once before them, after a warm-up, and once after them. */
  async measure(surface: string, probes: AsyncIterable<Probe> | Iterable<Probe>): Promise<void> {
    let before: number | undefined;
    let count = 0;
    for await (const probe of probes) {
      if (++count === WARM_UP) before = await this.stack.collectedMemory();
      await this.#one(probe);
      if (count % 1000 === 0) console.log(`${surface}: ${count} probes, at ${probe.field}`);
    }
    await this.#lookAfter(surface);
    const memoryMb = await this.#settledMemory(before);
    const growth = `memory after a collection ${before?.toFixed(1)} → ${memoryMb.toFixed(1)} MB`;
    console.log(`${surface}: ${count} probes, ${growth}`);
    if (memoryMb - (before ?? memoryMb) > MAX_GROWTH_MB) this.faults.push(`${surface}: ${growth}`);
  }

  /** The rows with the longest holds. */
  table(count = 20): string {
    const rows = this.rows.toSorted((a, b) => b.holdMs - a.holdMs).slice(0, count);
    const cells = rows.map((row) => [
      ...[row.field, row.shape, String(row.bytes)],
      ...[row.holdMs.toFixed(0), row.processorMs.toFixed(0), row.memoryMb.toFixed(1), row.ended],
    ]);
    const heads = ['field', 'shape', 'bytes', 'hold ms', 'cpu ms', 'memory MB', 'ended'];
    return [heads, heads.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
  }

  async #one(probe: Probe): Promise<void> {
    let row = await this.#tried(probe);
    if (row.holdMs > SUSPICIOUS_MS)
      for (let again = 0; again < 2; again++) {
        const other = await this.#tried(probe);
        if (other.holdMs < row.holdMs) row = other;
      }
    if (row.holdMs > SUSPICIOUS_MS) {
      row.memoryMb = await this.stack.collectedMemory();
      console.log(`${row.field} | ${row.shape} | ${row.bytes} | ${row.holdMs.toFixed(0)} ms | ${row.ended}`);
    }
    this.rows.push(row);
    const name = `${row.field} | ${row.shape} | ${row.bytes} bytes`;
    if (row.holdMs > MAX_HOLD_MS) this.faults.push(`${name}: held the event loop for ${row.holdMs.toFixed(0)} ms`);
    if (/^500|internal_error|no answer/.test(row.ended)) this.faults.push(`${name}: ended with ${row.ended}`);
    if (++this.#probes % BETWEEN_LOOKS === 0 || row.holdMs > MAX_HOLD_MS) await this.#lookAfter(name);
  }

  async #tried({ act, ...probe }: Probe): Promise<Row> {
    const { processorMs: before } = await this.stack.used();
    const ended = await inTime(act());
    if (!isAlive(this.stack.pid)) {
      this.faults.push(`${probe.field} | ${probe.shape}: the process ended\n${this.stack.log().slice(-2000)}`);
      await this.stack.restart();
      await this.stack.used();
      return { ...probe, holdMs: Number.POSITIVE_INFINITY, processorMs: 0, memoryMb: 0, ended: 'the process ended' };
    }
    const { longestHoldMs, processorMs } = await this.stack.used();
    return { ...probe, holdMs: longestHoldMs, processorMs: processorMs - before, memoryMb: 0, ended };
  }

  /** An errand of another workspace, a moment after a probe. */
  async #lookAfter(name: string): Promise<void> {
    await this.stack.used();
    const ended = await inTime(this.look());
    const { longestHoldMs } = await this.stack.used();
    if (ended !== 'SUCCESS') this.faults.push(`${name}: after it the errand of another workspace ended with ${ended}`);
    if (longestHoldMs > MAX_HOLD_MS)
      this.faults.push(`${name}: after it the loop was held for ${longestHoldMs.toFixed(0)} ms`);
  }

  /** Memory once work in the background is done. */
  async #settledMemory(before = 0): Promise<number> {
    for (let n = 0; ; n++) {
      const memoryMb = await this.stack.collectedMemory();
      if (n === 10 || memoryMb - before <= MAX_GROWTH_MB) return memoryMb;
      await sleep(1000);
    }
  }
}

/** How an act ended, within the time for one. */
async function inTime(act: Promise<string>): Promise<string> {
  const ended = new AbortController();
  const timeout = sleep(PROBE_TIMEOUT_MS, 'no answer in a minute', { signal: ended.signal });
  return Promise.race([act.catch(wordOf), timeout]).finally(() => {
    timeout.catch(() => {});
    ended.abort();
  });
}

/** A refusal by its status and code, any other error by its text. */
const wordOf = (error: unknown): string => {
  const { status, problem, cause } = error as { status?: number; problem?: { code?: string }; cause?: unknown };
  return status === undefined ? `${String(error)} ${String(cause ?? '')}`.trim() : `${status} ${problem?.code ?? ''}`;
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
