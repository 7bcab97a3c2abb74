import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Figures, median, quantile, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { cpuUs, familyCpuUs } from './process-figures.ts';
import { fiveReads, fiveSums, runToEnd, withWrites } from './runs.ts';
import type { Stack } from './stack.ts';

export const throughput: Scenario = {
  name: 'throughput',
  goal: { runsPerSecond: '>= 350, synchronous_commit on', commitsPerRun: '<= 5', walBytesPerRun: '<= 9216' },
};

export const CLIENTS = 50;
const ROUNDS = 4;
const ROUND_MS = 3000;

/** Fifty callers, each of which repeatedly creates a run and streams it to its end. */
export async function measureThroughput(stack: Stack): Promise<Figures> {
  const server = await stack.main();
  const http = stack.client(server.url, CLIENTS);
  const request = fiveReads(stack.integration);
  await loop(CLIENTS, 2000, () => runToEnd(http, request));
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await measured(stack, http, request, server.pid));
  const writes = await measured(stack, http, withWrites(stack.integration), server.pid);
  const sums = await measured(stack, http, fiveSums(stack.integration), server.pid);
  const { rows } = await stack.db.pool.query<{ synchronous_commit: string }>('SHOW synchronous_commit');
  return {
    clients: CLIENTS,
    runsPerSecond: round(median(rounds.map((sample) => sample.perSecond))),
    runsPerSecondBest: round(Math.max(...rounds.map((sample) => sample.perSecond))),
    runsPerSecondRounds: rounds.map((sample) => round(sample.perSecond)),
    endP50Ms: round(
      quantile(
        rounds.flatMap((sample) => sample.tookMs),
        0.5,
      ),
    ),
    endP95Ms: round(
      quantile(
        rounds.flatMap((sample) => sample.tookMs),
        0.95,
      ),
    ),
    sumsCpuPerRunUs: round(sums.familyCpuPerRunUs),
    readsCpuPerRunUs: round(median(rounds.map((sample) => sample.familyCpuPerRunUs))),
    serverCpuPerRunUs: round(median(rounds.map((sample) => sample.cpuPerRunUs))),
    postgresCpuPerRunUs: round(median(rounds.map((sample) => sample.postgresCpuPerRunUs))),
    commitsPerRun: round(median(rounds.map((sample) => sample.commitsPerRun))),
    walBytesPerRun: round(median(rounds.map((sample) => sample.walPerRun))),
    threeReadsTwoWritesRunsPerSecond: round(writes.perSecond),
    threeReadsTwoWritesCommitsPerRun: round(writes.commitsPerRun),
    synchronousCommit: rows[0]!.synchronous_commit,
  };
}

/** One round, with its cost for the server and Postgres. Commits include those of claims and heartbeats. */
async function measured({ db, postgresPid }: Stack, http: HttpClient, request: object, pid: number) {
  const before = await counters(db.pool);
  const cpu = cpuUs(pid);
  const family = familyCpuUs(pid);
  const postgres = familyCpuUs(postgresPid);
  const { tookMs, perSecond } = await loop(CLIENTS, ROUND_MS, () => runToEnd(http, request));
  const cpuPerRunUs = (cpuUs(pid) - cpu) / tookMs.length;
  // with the processes of expressions
  const familyCpuPerRunUs = (familyCpuUs(pid) - family) / tookMs.length;
  const postgresCpuPerRunUs = (familyCpuUs(postgresPid) - postgres) / tookMs.length;
  const after = await counters(db.pool);
  return {
    tookMs,
    perSecond,
    cpuPerRunUs,
    familyCpuPerRunUs,
    postgresCpuPerRunUs,
    commitsPerRun: (after.commits - before.commits) / tookMs.length,
    walPerRun: (after.wal - before.wal) / tookMs.length,
  };
}

/** Commits and WAL of Postgres so far. */
export async function counters(pool: pg.Pool): Promise<{ commits: number; wal: number }> {
  await sleep(1200); // backends report their statistics at most once per second
  const { rows } = await pool.query<{ commits: string; wal: string }>(
    `SELECT xact_commit AS commits, pg_current_wal_lsn() - '0/0' AS wal FROM pg_stat_database WHERE datname = current_database()`,
  );
  return { commits: Number(rows[0]!.commits), wal: Number(rows[0]!.wal) };
}
