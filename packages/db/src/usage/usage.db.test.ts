// Roll-ups equal counts of each run, despite crashes of the periodic task and in any order of calls.
import pg from 'pg';
import { afterAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { addEndedRuns, type EndedRunMade as Made } from '../testing/add-ended-runs.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { readUsage, type UsageReport } from './read.ts';
import { rollUpUsage } from './roll-up.ts';
import { quantileOf } from './sketch.ts';

const databases: { database: TestDatabase; pool: pg.Pool }[] = [];
let pool: pg.Pool;
let workspaceId: string;

beforeEach(async () => {
  const database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 6 });
  databases.push({ database, pool });
  workspaceId = newId();
});
afterAll(async () => {
  for (const database of databases) {
    await database.pool.end();
    await database.database.drop();
  }
});

const { signal } = new AbortController();
const BEGIN = Date.parse('2026-03-10T20:00:00.000Z');
const later = new Date(BEGIN + 1e10);

const addRuns = (count: number, { users = 7, of = workspaceId } = {}) =>
  addEndedRuns(pool, of, count, { users, begin: BEGIN });

const kinds = ['day', 'status', 'integration', 'tool', 'user'] as const;
const range = { from: '2026-03-01', to: '2026-04-30', limit: 100 };
const read = (by: (typeof kinds)[number], of = workspaceId) => readUsage({ pool, workspaceId: of }, { ...range, by });

/** Each figure as exact as it can be. */
function expected(runs: readonly Made[], by: (typeof kinds)[number]) {
  const groups = new Map<string, { run: Made; calls: Made['calls'] }[]>();
  for (const run of runs) {
    const keyed =
      by === 'tool' || by === 'integration'
        ? [...grouped(run.calls, ({ tool }) => (by === 'tool' ? tool : tool.split('.')[0]!))]
        : [[by === 'day' ? run.day : by === 'status' ? run.status : run.userId, run.calls] as const];
    for (const [key, calls] of keyed) groups.set(key, [...(groups.get(key) ?? []), { run, calls }]);
  }
  return new Map(
    [...groups].map(([key, all]) => {
      const of = (value: (run: Made) => number | null) =>
        all.map(({ run }) => value(run)).filter((value): value is number => value !== null);
      const calls = all.flatMap((run) => run.calls);
      const counts = {
        runs: all.length,
        calls: calls.length,
        callErrors: calls.filter(({ state }) => state === 'FAILED').length,
        succeeded: all.filter(({ run }) => run.status === 'SUCCESS').length,
        failed: all.filter(({ run }) => run.status === 'FAILED').length,
        tokens: sum(of((run) => run.tokens)),
        cost: sum(of((run) => run.cost)),
        currency: 'USD',
      };
      const times = {
        total: of((run) => run.total),
        queued: of((run) => run.queued),
        planning: of((run) => run.planning),
        waiting: of((run) => run.waiting || null),
        calls: of((run) => run.total - run.queued - (run.planning ?? 0) - run.waiting),
      };
      return [key, { counts, times }];
    }),
  );
}
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const run of all) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return groups;
}
const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
const exact = (values: number[], q: number) => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;

/** Expects exact counts, and quantiles within 1 %. */
function expectExact({ rows, other: rest }: UsageReport, runs: readonly Made[], by: (typeof kinds)[number]): void {
  const expectedUsage = expected(runs, by);
  expect([by, rows.map(({ key }) => key).sort(), rest]).toEqual([by, [...expectedUsage.keys()].sort(), null]);
  for (const { key, usage } of rows) {
    const { times, ...counts } = usage;
    expect([key, { ...counts, cost: Math.round(counts.cost! * 100) }]).toEqual([
      key,
      { ...expectedUsage.get(key)!.counts, cost: Math.round(expectedUsage.get(key)!.counts.cost * 100) },
    ]);
    for (const [phase, values] of Object.entries(expectedUsage.get(key)!.times)) {
      for (const q of [0.5, 0.95]) {
        const [is, shall] = [quantileOf(times[phase as keyof typeof times], q), exact(values, q)];
        if (values.length === 0) expect([key, phase, is]).toEqual([key, phase, null]);
        else
          expect(Math.abs(is! - shall), `${by} ${key} ${phase} ${q}: ${is} for ${shall}`).toBeLessThanOrEqual(
            0.01 * shall + 1e-6,
          );
      }
    }
  }
}

test('counts are exact and quantiles within 1 %, by each kind: before runs are counted, half of them, and after', async () => {
  const stored = await addRuns(700);
  await addRuns(30, { of: newId() });
  for (const by of kinds) expectExact(await read(by), stored, by);
  await rollUpUsage(pool, signal, { through: new Date(BEGIN + 350 * 400_000), atOnce: 100 });
  const { rows } = await pool.query('SELECT sum(runs)::int AS n FROM usage_day WHERE kind = $1 AND workspace_id = $2', [
    'status',
    workspaceId,
  ]);
  expect(rows[0].n).toBeGreaterThan(200);
  expect(rows[0].n).toBeLessThan(500);
  for (const by of kinds) expectExact(await read(by), stored, by);
  await rollUpUsage(pool, signal, { through: later });
  for (const by of kinds) expectExact(await read(by), stored, by);
  expect(await rollUpUsage(pool, signal, { through: later })).toBe(0);
  // The counts outlive the runs.
  await pool.query('DELETE FROM run');
  expectExact(await read('user'), stored, 'user');
}, 60_000);

test('each run counts once, even if the periodic task crashes anywhere or runs twice at once', async () => {
  const stored = await addRuns(400);
  let deaths = 0;
  for (let die = 1; die <= 12; die++) {
    const dying = await pool.connect();
    const query = dying.query.bind(dying) as (...args: unknown[]) => Promise<unknown>;
    let statements = 0;
    const connection = {
      query: async (...args: unknown[]) => {
        if (++statements === die) {
          deaths++;
          throw new Error('It died.');
        }
        return query(...args);
      },
      release() {},
    };
    const dead = { connect: async () => connection, query: connection.query } as unknown as pg.Pool;
    await rollUpUsage(dead, signal, { through: later, atOnce: 40 }).catch(() => {});
    // Its connection is lost with it.
    dying.release(true);
  }
  expect(deaths).toBe(12);
  await Promise.all([1, 2, 3].map(() => rollUpUsage(pool, signal, { through: later, atOnce: 30 })));
  await rollUpUsage(pool, signal, { through: later });
  for (const by of kinds) expectExact(await read(by), stored, by);
}, 60_000);

test('runs whose calls take too long to count together are counted a few at a time', async () => {
  const stored = await addRuns(60);
  const canceled = Object.assign(new Error('canceling statement due to statement timeout'), {
    code: '57014',
    severity: 'ERROR',
  });
  const slow = {
    query: pool.query.bind(pool),
    async connect() {
      const client = await pool.connect();
      const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<unknown>;
      return {
        query: async (text: string, values?: unknown[]) => {
          if (text.includes('FROM (SELECT * FROM run') && Number(values?.[3]) > 10) throw canceled;
          return query(text, values);
        },
        release: () => client.release(true),
      };
    },
  } as unknown as pg.Pool;
  expect(await rollUpUsage(slow, signal, { through: later })).toBe(60);
  expectExact(await read('day'), stored, 'day');
});

test('a run whose transaction commits late is counted, although later runs were stored earlier', async () => {
  await addRuns(10);
  await pool.query(
    `UPDATE run SET created_at = now() - interval '2 minutes', started_at = now() - interval '1 minute', ended_at = now() - interval '30 seconds'`,
  );
  const late = await pool.connect();
  onTestFinished(() => late.release(true));
  await late.query('BEGIN');
  await late.query(
    `UPDATE run SET ended_at = now() - interval '40 seconds' WHERE run_id = (SELECT run_id FROM run LIMIT 1)`,
  );
  // The first look finds a time, the second waits for the open transaction.
  for (let n = 0; n < 3; n++) await rollUpUsage(pool, signal);
  const counted = async () =>
    Number((await pool.query(`SELECT coalesce(sum(runs), 0) AS n FROM usage_day WHERE kind = 'status'`)).rows[0].n);
  expect(await counted()).toBe(0);
  await late.query('COMMIT');
  // Transactions of other databases of the same Postgres may be under way for a moment, too.
  await expect
    .poll(async () => {
      await rollUpUsage(pool, signal);
      return counted();
    })
    .toBe(10);
});

test('a day of 5,000 users keeps those with most runs, and the sum of the others in one row', async () => {
  const stored = await addRuns(5000, { users: 5000 });
  await pool.query(`UPDATE run SET created_at = '2026-03-20T10:00:00Z', started_at = NULL, ended_at = '2026-03-20T10:01:00Z',
    user_id = CASE WHEN right(user_id, 1) = '7' THEN 'heavy' ELSE user_id END`);
  await rollUpUsage(pool, signal, { through: later, keptKeys: 50 });
  const { rows: keys } = await pool.query(`SELECT count(*)::int AS n FROM usage_day WHERE kind = 'user'`);
  expect(keys[0].n).toBeLessThanOrEqual(101);
  const { rows, other: rest } = await readUsage({ pool, workspaceId }, { ...range, by: 'user', limit: 10 });
  expect(rows).toHaveLength(10);
  expect([rows[0]!.key, rows[0]!.usage.runs]).toEqual(['heavy', 500]);
  expect(sum(rows.map(({ usage }) => usage.runs)) + rest!.runs).toBe(stored.length);
  expect(sum(rows.map(({ usage }) => usage.tokens)) + rest!.tokens).toBe(sum(stored.map(({ tokens }) => tokens)));
}, 60_000);

test('a day is kept longer than the longest range, and then removed', async () => {
  await addRuns(3);
  await pool.query(
    `UPDATE run SET created_at = now() - interval '500 days', started_at = NULL, ended_at = now() - interval '499 days'`,
  );
  await rollUpUsage(pool, signal, { through: new Date() });
  expect((await pool.query('SELECT FROM usage_day')).rowCount).toBe(0);
});
