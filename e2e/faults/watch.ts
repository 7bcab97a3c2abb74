import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { type OpenRun, readOpenRuns } from './queue.ts';
import type { ThirdParty } from './third-party.ts';

/**
 * What can keep a run from going on although nothing stands in its way:
 * `answered` what it asked was answered, `given` the credential that it waits for is there, `due` it could be taken and is not,
 * `idle` a worker holds it and does nothing.
 */
export type Stall = {
  what: 'answered' | 'given' | 'due' | 'idle';
  runId: string;
  errand: string;
  /** First and last sight of it in a row. */
  from: number;
  to: number;
  /** What the row said. */
  row: string;
};

/** The most memory that one process was seen to hold, in MiB. */
export type Peak = { name: string; memory: number };

const GAP_MS = 200;

/** Looks at all open runs and at the memory of all processes again and again, from the beginning to the end of a seed. */
export class Watch {
  /** Those that lasted. */
  readonly stalls: Stall[] = [];
  private readonly underWay = new Map<string, Stall>();
  private readonly most = new Map<string, number>();
  /** The most runs that were held in turn at one time. */
  inTurn = 0;
  /** Looks that were answered: while the database is away there are none. */
  looks = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly thirdParty: ThirdParty,
    private readonly slots: number,
  ) {}

  async work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.weigh();
      const runs = await readOpenRuns(this.cluster.postgres, this.slots).catch(() => undefined);
      if (runs) this.see(runs, Date.now());
      await sleep(GAP_MS, undefined, { signal: stop }).catch(() => {});
    }
    this.see([], Date.now());
  }

  get peaks(): Peak[] {
    return [...this.most].map(([name, memory]) => ({ name, memory }));
  }

  /** Takes in what one look found. */
  see(runs: readonly OpenRun[], at: number): void {
    this.looks++;
    this.inTurn = Math.max(this.inTurn, runs.filter(({ inTurn }) => inTurn).length);
    const seen = new Map(runs.flatMap((run) => this.reasonsOf(run).map((what) => [keyOf(what, run), { what, run }])));
    for (const [key, stall] of this.underWay) {
      if (seen.has(key)) continue;
      this.underWay.delete(key);
      if (stall.to > stall.from) this.stalls.push(stall);
    }
    for (const [key, { what, run }] of seen) {
      const stall = this.underWay.get(key);
      if (stall) stall.to = at;
      else {
        const { runId, errand } = run;
        this.underWay.set(key, { what, runId, errand, from: at, to: at, row: JSON.stringify(run) });
      }
    }
  }

  private reasonsOf({ answered, given, due, lease, errand }: OpenRun): Stall['what'][] {
    const idle = lease !== null && !this.thirdParty.isAnswering(errand);
    const reasons = { answered, given, due, idle };
    return (Object.keys(reasons) as Stall['what'][]).filter((what) => reasons[what]);
  }

  // Linux alone can tell.
  private weigh(): void {
    for (const { service } of this.cluster.members) {
      try {
        const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))!;
        this.most.set(service.name, Math.max(this.most.get(service.name) ?? 0, Number(kib) / 1024));
      } catch {
        // It has just ended.
      }
    }
  }
}

/** A run that moves is another sight: it is the same one as long as nothing of it changes. */
const keyOf = (what: string, { runId, lease, epoch, seq }: OpenRun): string =>
  [what, runId, lease, epoch, seq].join(' ');
