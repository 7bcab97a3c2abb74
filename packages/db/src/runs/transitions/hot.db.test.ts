// Steps write the row of their run in place: no index is touched (a HOT update), or each step would write all of them.
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newId } from '../../statements/scope.ts';
import { aCall, aStart, aStep } from '../../testing/a-new-run.ts';
import { aClaim } from '../../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { seedDueRuns } from '../../testing/seed-due-runs.ts';
import { claimRuns } from '../queue/claim.ts';
import type { Transition } from './transition.ts';
import { applyTransition, batchPoolOptions, Transitions } from './transitions.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** `hot`: no index was written. `moved`: the page had no room, because something still looked at older versions. */
type Updates = { all: number; hot: number; moved: number };

/** Updates of the table of runs that a piece of work made. Sessions report them when they end. */
async function updatesOf(work: (pool: pg.Pool) => Promise<unknown>): Promise<Updates> {
  const count = async () => {
    await pool.query('SELECT pg_stat_force_next_flush()');
    const text = `SELECT n_tup_upd::int AS all, n_tup_hot_upd::int AS hot, n_tup_newpage_upd::int AS moved FROM pg_stat_user_tables WHERE relname = 'run'`;
    return (await pool.query<Updates>(text)).rows[0]!;
  };
  const before = await count();
  const options = Object.entries(batchPoolOptions).map(([name, value]) => `-c ${name}=${value}`);
  const onePool = new pg.Pool({
    connectionString: database.url,
    max: 1,
    options: options.join(' '),
    application_name: 'own',
  });
  await work(onePool);
  await onePool.query('SELECT pg_stat_force_next_flush()');
  await onePool.end();
  const remaining = `SELECT FROM pg_stat_activity WHERE application_name = 'own'`;
  await expect.poll(async () => (await pool.query(remaining)).rowCount).toBe(0);
  const after = await count();
  return { all: after.all - before.all, hot: after.hot - before.hot, moved: after.moved - before.moved };
}

const step = (n: number): Transition => ({
  to: 'RUNNING',
  events: [aStep(n)],
  usage: { steps: 1, toolCalls: 1, activeMs: 2 },
  ledger: [aCall({ key: `s${n}` })],
});

test.each(['by themselves', 'together'])(
  'the update of a step, written %s, changes no column of an index',
  async (how) => {
    const workspaceId = newId();
    await seedDueRuns(pool, [workspaceId], 160);
    const claims: { runId: string; epoch: number }[] = [];
    while (claims.length < 160) {
      const { claimed } = await claimRuns(pool, aClaim(), aStart);
      for (const { run } of claimed) claims.push({ runId: run.runId, epoch: run.epoch });
    }
    const steps = await updatesOf(async (client) => {
      const scope = { pool: client, workspaceId };
      const transitions = new Transitions(client);
      for (let n = 1; n <= 10; n++) {
        const change = step(n);
        if (how === 'together') await Promise.all(claims.map((run) => transitions.apply(scope, run, change)));
        else for (const run of claims) await applyTransition(scope, run, change);
      }
    });
    expect(steps.all).toBe(1600);
    expect(steps.hot).toBeGreaterThan(0);
    // One that stays on its page and is not hot has changed a column of an index.
    expect(steps.all - steps.hot - steps.moved).toBe(0);
  },
);
