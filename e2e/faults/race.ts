// `pnpm faults decisions` and `pnpm faults credentials`: without faults, people decide at the worst moment.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alone, apart, type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
import { type Finish, figuresOf, type Race, wrongOf } from './finish.ts';
import { startGuardian } from './guardian.ts';
import { History } from './history.ts';
import { raceCredentials } from './race-credentials.ts';
import { raceDecisions } from './race-decisions.ts';
import { startThirdParty } from './third-party.ts';
import type { ServiceRule } from './trials.ts';

export const races = { decisions: raceDecisions, credentials: raceCredentials } satisfies Record<string, Race>;
export type RaceName = keyof typeof races;

export const raceNames = Object.keys(races) as RaceName[];

/** Concurrent runs. */
const AT_ONCE = 10;
/** How long to wait for the end of a run, in ms. */
const PATIENCE_MS = 15_000;

/** @returns whether every run ended in SUCCESS in time, in one process and over several */
export async function runRace(name: RaceName, runs: number, broken?: ServiceRule): Promise<boolean> {
  let holds = true;
  for (const roles of [alone, apart]) {
    const from = performance.now();
    const finishes = await race(name, runs, { roles, broken });
    const seconds = ((performance.now() - from) / 1000).toFixed(0);
    const wrong = wrongOf(finishes);
    if (wrong.length > 0) holds = false;
    console.log(`${name}, ${roles.join(' + ')}: ${runs - wrong.length} of ${runs} runs SUCCESS in time, ${seconds} s`);
    console.log(`  ${figuresOf(finishes)}`);
    for (const { runId, status, error, ms } of wrong.slice(0, 5))
      console.log(`  ${runId} ${status}${error ? ` ${error}` : ''} ${ms.toFixed(0)} ms after the last answer`);
  }
  return holds;
}

type Where = Pick<ClusterOptions, 'roles' | 'broken'>;

async function race(name: RaceName, runs: number, where: Where): Promise<Finish[]> {
  const guardian = startGuardian();
  const closers: (() => unknown)[] = [() => guardian.end()];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'errand-faults-'));
    guardian.guard(folder);
    const history = new History(join(folder, 'history.jsonl'));
    closers.push(() => history.close());
    const thirdParty = await startThirdParty(1, history, { alwaysCalm: true });
    closers.push(() => thirdParty.close());
    // Nothing may expire during the wait.
    const settings = { ERRAND_APPROVAL_HOURS: '1' };
    const cluster = await startCluster({ folder, guardian, thirdParty: thirdParty.origin, settings, ...where });
    closers.push(() => cluster.close());
    const finishes: Finish[] = [];
    let next = 0;
    const runInTurn = async () => {
      for (let n = next++; n < runs; n = next++) finishes.push(await repeatOnce(cluster, history, name, n));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runInTurn));
    return finishes;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function repeatOnce(cluster: Cluster, history: History, name: RaceName, n: number): Promise<Finish> {
  const { runId, lastAnswerAt } = await races[name](cluster, history, n);
  type RaceRow = { status: string; error: string | null; ended: boolean; ms: number };
  const readRow = async () =>
    (
      await cluster.postgres.query<RaceRow>(
        `SELECT status, error->>'code' AS error, ended_at IS NOT NULL AS ended,
           (extract(epoch FROM coalesce(ended_at, clock_timestamp())) * 1000 - $2)::float8 AS ms FROM run WHERE run_id = $1`,
        [runId, lastAnswerAt],
      )
    )[0]!;
  let row = await readRow();
  while (!row.ended && row.ms < PATIENCE_MS) {
    await sleep(50);
    row = await readRow();
  }
  const { status, error, ms } = row;
  return { runId, status, error, ms: Math.max(0, ms) };
}
