import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { Processors, type Span } from './processors.ts';
import { type OpenRun, readOpenRuns } from './queue.ts';
import type { ThirdParty } from './third-party.ts';

/**
 * Why a run stalls: its requests are decided; its credential is stored; it is due, and no worker has claimed it; or its worker makes no
 * call for it.
 */
export type Stall = {
  kind: 'decidedYetWaiting' | 'credentialYetWaiting' | 'dueYetUnclaimed' | 'heldYetIdle';
  runId: string;
  errand: string;
  /** When the stall was first and last observed, without a break. */
  from: number;
  to: number;
  /** The row of the run, as JSON. */
  row: string;
};

/** The peak memory of one process, in MiB. */
export type Peak = { name: string; memory: number };

const GAP_MS = 200;

/** Reads all open runs, the memory of all processes and the processor load every 200 ms, as long as a seed lasts. */
export class Watch {
  readonly #cluster: Cluster;
  readonly #thirdParty: ThirdParty;
  readonly #slots: number;

  /** Stalls that were observed more than once. */
  readonly stalls: Stall[] = [];
  readonly #underWay = new Map<string, Stall>();
  readonly #peakMemory = new Map<string, number>();
  readonly #processors = new Processors();
  /** The maximum number of concurrent first leases. */
  heldFirstTime = 0;
  /** The number of reads of the open runs: none while the database is down. */
  samples = 0;

  constructor(cluster: Cluster, thirdParty: ThirdParty, slots: number) {
    this.#cluster = cluster;
    this.#thirdParty = thirdParty;
    this.#slots = slots;
  }

  async work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#weigh();
      this.#processors.read();
      const runs = await readOpenRuns(this.#cluster.postgres, this.#slots).catch(() => undefined);
      if (runs) this.see(runs, Date.now());
      await sleep(GAP_MS, undefined, { signal: stop }).catch(() => {});
    }
    this.see([], Date.now());
  }

  /** When all processors of the machine were busy. */
  get busy(): readonly Span[] {
    return this.#processors.busy;
  }

  get peaks(): Peak[] {
    return [...this.#peakMemory].map(([name, memory]) => ({ name, memory }));
  }

  /** Takes the open runs of one read. */
  see(runs: readonly OpenRun[], at: number): void {
    this.samples++;
    this.heldFirstTime = Math.max(this.heldFirstTime, runs.filter(({ heldFirstTime }) => heldFirstTime).length);
    const current = new Map(
      runs.flatMap((run) => this.#reasonsOf(run).map((kind) => [keyOf(kind, run), { kind, run }])),
    );
    for (const [key, stall] of this.#underWay) {
      if (current.has(key)) continue;
      this.#underWay.delete(key);
      if (stall.to > stall.from) this.stalls.push(stall);
    }
    for (const [key, { kind, run }] of current) {
      const stall = this.#underWay.get(key);
      if (stall) stall.to = at;
      else {
        const { runId, errand } = run;
        this.#underWay.set(key, { kind, runId, errand, from: at, to: at, row: JSON.stringify(run) });
      }
    }
  }

  #reasonsOf({ decidedYetWaiting, credentialYetWaiting, dueYetUnclaimed, lease, errand }: OpenRun): Stall['kind'][] {
    const heldYetIdle = lease !== null && !this.#thirdParty.isAnswering(errand);
    const reasons = { decidedYetWaiting, credentialYetWaiting, dueYetUnclaimed, heldYetIdle };
    return (Object.keys(reasons) as Stall['kind'][]).filter((kind) => reasons[kind]);
  }

  // Only Linux has /proc.
  #weigh(): void {
    for (const { service } of this.#cluster.members) {
      try {
        const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))!;
        this.#peakMemory.set(service.name, Math.max(this.#peakMemory.get(service.name) ?? 0, Number(kib) / 1024));
      } catch {
        // The process has just ended.
      }
    }
  }
}

/** A run with a changed lease, epoch or number of events has continued: it begins another stall. */
const keyOf = (kind: string, { runId, lease, epoch, seq }: OpenRun): string =>
  [kind, runId, lease, epoch, seq].join(' ');
