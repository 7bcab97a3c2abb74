// A Postgres of its own with due runs, which are claimed as a worker claims them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchPoolOptions, type ClaimOutcome, claimRuns, migrate, newId } from '@errand/db';
import { startEmbedded } from '@errand/db/embedded';
import { seedDueRuns } from '@errand/db/testing';
import pg from 'pg';
import { quantile, round } from './figures.ts';
import { cpuUs } from './process-figures.ts';

const start = { type: 'start', data: '{"runStatus":"RUNNING"}', toolCalls: null } as const;
const SEEDED_AT_ONCE = 20_000;

export type DueRuns = {
  /** As the owner of the tables, without timeouts. */
  admin: pg.Pool;
  /** Stores `each` due runs in each of that many new workspaces. */
  add(workspaces: number, each: number): Promise<void>;
  claimer(options: { want: number; slots?: number }): Claimer;
  /** Ends claimed runs as the engine does. */
  end(outcome: ClaimOutcome): Promise<void>;
  walBytes(): Promise<number>;
  /** Processor time of Postgres for all claims so far, in ms. Unlike elapsed time it does not depend on other work of the machine. */
  processorMs(): number;
};

/** One worker, which continues each claim where the last one stopped. */
export type Claimer = {
  claim(): Promise<ClaimOutcome>;
  /** Duration of each claim with its commit, in ms. */
  tookMs: number[];
  /** Claims that saw runs and got none, and claims that saw none. */
  empty: number;
  unseen: number;
};

/** Measures on a fresh database, which is removed afterwards. It is durable, like the embedded one. */
export async function withDueRuns<T>(measure: (due: DueRuns) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'errand-bench-claims-'));
  const postgres = await startEmbedded({ dir });
  const options = Object.entries({ ...batchPoolOptions, role: 'errand_system' }).map(
    ([name, value]) => `-c ${name}=${value}`,
  );
  const pool = new pg.Pool({
    connectionString: postgres.url,
    max: 4,
    idleTimeoutMillis: 0,
    options: options.join(' '),
  });
  const backends: number[] = [];
  pool.on('connect', (client) => void backends.push((client as unknown as { processID: number }).processID));
  const admin = new pg.Pool({ connectionString: postgres.ownerUrl, max: 4 });
  try {
    await migrate(postgres.ownerUrl);
    return await measure(dueRuns(pool, admin, backends));
  } finally {
    await Promise.all([pool.end(), admin.end()]);
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function dueRuns(pool: pg.Pool, admin: pg.Pool, backends: readonly number[]): DueRuns {
  return {
    admin,
    async add(workspaces, each) {
      const ids = Array.from({ length: workspaces }, newId);
      const some = Math.max(1, Math.floor(SEEDED_AT_ONCE / each));
      for (let at = 0; at < workspaces; at += some) await seedDueRuns(admin, ids.slice(at, at + some), each);
    },
    claimer: ({ want, slots = 1000 }) => claimer(pool, want, slots),
    async end({ claimed }) {
      await admin.query({
        name: 'end',
        text: `UPDATE run SET status = 'SUCCESS', lease = NULL, due = 0, ended_at = now(), seq = seq + 1 FROM unnest($1::uuid[], $2::uuid[])
          AS e(workspace_id, run_id) WHERE run.workspace_id = e.workspace_id AND run.run_id = e.run_id`,
        values: [claimed.map(({ run }) => run.workspaceId), claimed.map(({ run }) => run.runId)],
      });
    },
    async walBytes() {
      const { rows } = await admin.query<{ wal: string }>(`SELECT pg_current_wal_insert_lsn() - '0/0' AS wal`);
      return Number(rows[0]!.wal);
    },
    processorMs: () => backends.reduce((sum, pid) => sum + cpuUs(pid) / 1000, 0),
  };
}

function claimer(pool: pg.Pool, want: number, slots: number): Claimer {
  const worker = `pool-${newId()}`;
  const common = { worker, maxRuns: want, slots, maxBeyondSlots: 0, mayTakeSuspect: true };
  let [cursor, claims] = [null as string | null, 0];
  const self: Claimer = {
    tookMs: [],
    empty: 0,
    unseen: 0,
    async claim() {
      const from = performance.now();
      const outcome = await claimRuns(pool, { ...common, oldest: ++claims % 8 === 0, cursor }, start);
      self.tookMs.push(performance.now() - from);
      const { candidates, claimed } = outcome;
      if (candidates > 0 && claimed.length === 0) self.empty++;
      if (candidates === 0) self.unseen++;
      cursor = outcome.cursor;
      return outcome;
    },
  };
  return self;
}

export const timesOf = (tookMs: readonly number[]) => ({
  p50Ms: round(quantile(tookMs, 0.5)),
  p99Ms: round(quantile(tookMs, 0.99)),
  maxMs: round(Math.max(...tookMs)),
  claims: tookMs.length,
});
