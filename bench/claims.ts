import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@errand/db';
import type pg from 'pg';
import { type DueRuns, timesOf, withDueRuns } from './due-runs.ts';
import { type Figures, quantile, round, type Scenario } from './figures.ts';

export const claims: Scenario = {
  name: 'claims',
  goal: { p99Ms: '<= 5', walBytesPerRun: '<= 2048', emptyClaims: '0', fourClaimersP99Ms: '<= 10' },
};
export const claimsAmongMany: Scenario = {
  name: 'claims-snapshot',
  goal: { p99Ms: '<= 10 with 10^6 runs, 10^5 of them due, and a snapshot held for 60 s' },
};

const WORKSPACES = 5000;
const CLAIMS = 400;
/** A session plans a statement a few times before it caches the plan. */
const YOUNG = 100;
const BLOAT = 19_200;
const MANY = 1_000_000;
const DUE = 100_000;
const HELD_MS = 60_000;
/** Runs per second that start and end while the snapshot is open: the maximum of the whole service. */
const RATE = 350;

/** Cost of one claim: from thousands of workspaces, from one workspace with several workers, and after many ended runs. */
export function measureClaims(): Promise<Figures> {
  return withDueRuns(async (due) => ({
    ...(await alone(due)),
    fiveThousandWorkspaces: await ofManyWorkspaces(due),
    oneWorkspace: await together(due),
    bloat: await afterMany(due),
  }));
}

/** A run of an idle service: it is created, claimed and ended. */
async function alone(due: DueRuns): Promise<Figures> {
  const claimer = due.claimer({ want: 32 });
  let warm = 0;
  for (let i = 0; i < CLAIMS; i++) {
    if (i === YOUNG) warm = due.processorMs();
    await due.add(1, 1);
    await due.end(await claimer.claim());
  }
  const lone = due.processorMs() - warm;
  const none = due.claimer({ want: 32 });
  for (let i = 0; i < CLAIMS; i++) await none.claim();
  return {
    loneRunP50Ms: timesOf(claimer.tookMs.slice(YOUNG)).p50Ms,
    loneRunProcessorMs: round(lone / (CLAIMS - YOUNG)),
    nothingDueP50Ms: timesOf(none.tookMs).p50Ms,
  };
}

async function ofManyWorkspaces(due: DueRuns): Promise<Figures> {
  await due.add(WORKSPACES, 8);
  const figures: Figures = {};
  for (const want of [16, 32]) {
    const claimer = due.claimer({ want });
    const processor = due.processorMs();
    let runs = 0;
    let wal = 0;
    for (let i = 0; i < CLAIMS; i++) {
      const before = await due.walBytes();
      const outcome = await claimer.claim();
      wal += (await due.walBytes()) - before;
      runs += outcome.claimed.length;
      await due.end(outcome);
    }
    figures[`of${want}`] = {
      ...timesOf(claimer.tookMs),
      processorMs: round((due.processorMs() - processor) / CLAIMS),
      runs,
      walBytesPerRun: round(wal / runs),
    };
  }
  await rest(due);
  return figures;
}

/** Four workers claim the runs of one workspace at the same time. */
async function together(due: DueRuns): Promise<Figures> {
  await due.add(1, DUE);
  const four = Array.from({ length: 4 }, () => due.claimer({ want: 16 }));
  const processor = due.processorMs();
  await Promise.all(
    four.map(async (claimer) => {
      for (let i = 0; i < CLAIMS; i++) await due.end(await claimer.claim());
    }),
  );
  const processorMs = round((due.processorMs() - processor) / (four.length * CLAIMS));
  await rest(due);
  return {
    claimers: four.length,
    ...timesOf(four.flatMap(({ tookMs }) => tookMs)),
    processorMs,
    emptyClaims: four.reduce((sum, { empty }) => sum + empty, 0),
    claimsThatSawNone: four.reduce((sum, { unseen }) => sum + unseen, 0),
  };
}

/** Whether earlier claims slow down later ones. */
async function afterMany(due: DueRuns): Promise<Figures> {
  await due.add(60, BLOAT / 60);
  const claimer = due.claimer({ want: 16 });
  for (let taken = 0; taken < BLOAT; ) {
    const outcome = await claimer.claim();
    taken += outcome.claimed.length;
    await due.end(outcome);
  }
  const tenth = Math.floor(claimer.tookMs.length / 10);
  const p50 = (times: readonly number[]) => round(quantile(times, 0.5));
  return {
    runs: BLOAT,
    firstTenthP50Ms: p50(claimer.tookMs.slice(0, tenth)),
    lastTenthP50Ms: p50(claimer.tookMs.slice(-tenth)),
  };
}

/** Claims among many runs while an open snapshot prevents the cleanup of ended runs. */
export function measureClaimsAmongMany(): Promise<Figures> {
  return withDueRuns(async (due) => {
    await addEnded(due.admin, MANY - DUE);
    await due.add(1, DUE / 2);
    await due.add(100, DUE / 200);
    await due.admin.query('VACUUM ANALYZE run');
    const holder = await due.admin.connect();
    try {
      await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await holder.query('SELECT count(*) FROM run WHERE due > 0');
      const claimer = due.claimer({ want: 16 });
      const processor = due.processorMs();
      const from = performance.now();
      for (let runs = 0; performance.now() - from < HELD_MS; ) {
        const outcome = await claimer.claim();
        await due.end(outcome);
        runs += outcome.claimed.length;
        await sleep(Math.max(0, (runs * 1000) / RATE - (performance.now() - from)));
      }
      const tenth = Math.floor(claimer.tookMs.length / 10);
      return {
        runs: MANY,
        due: DUE,
        ...timesOf(claimer.tookMs),
        processorMs: round((due.processorMs() - processor) / claimer.tookMs.length),
        firstTenthP50Ms: round(quantile(claimer.tookMs.slice(0, tenth), 0.5)),
        lastTenthP50Ms: round(quantile(claimer.tookMs.slice(-tenth), 0.5)),
      };
    } finally {
      holder.release(true);
    }
  });
}

async function addEnded(pool: pg.Pool, count: number): Promise<void> {
  const some = 100_000;
  for (let at = 0; at < count; at += some) {
    await pool.query(
      `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, due, epoch, seq, ended_at)
       SELECT $1, id, id, NULL, 'SUCCESS', 'Ended', 'user-1', '{*}', '\\x00', 0, 1, 2, now()
       FROM (SELECT uuidv7() AS id FROM generate_series(1, $2::int)) AS made`,
      [newId(), Math.min(some, count - at)],
    );
  }
}

/** Ends runs that were not claimed or not ended, so that they do not affect the next measurement. */
async function rest(due: DueRuns): Promise<void> {
  await due.admin.query(`UPDATE run SET status = 'SUCCESS', lease = NULL, due = 0 WHERE due > 0 OR lease IS NOT NULL`);
  await due.admin.query('VACUUM ANALYZE run');
}
