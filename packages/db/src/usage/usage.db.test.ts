// Roll-ups equal counts of each run, despite crashes of the periodic task and in any order of calls.
import pg from 'pg';
import { afterAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { addEndedRuns, type EndedRunMade as Made } from '../testing/add-ended-runs.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { readUsage, type UsageRange, type UsageReport, usageStatement } from './read.ts';
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

const kinds = ['day', 'status', 'integration', 'tool', 'user', 'requester', 'request'] as const;
const range = { from: '2026-03-01', to: '2026-04-30', limit: 100 };
const read = (by: (typeof kinds)[number], of = workspaceId) => readUsage({ pool, workspaceId: of }, { ...range, by });

/** Each figure as exact as it can be. */
function expected(runs: readonly Made[], by: (typeof kinds)[number]) {
  const groups = new Map<string, { run: Made; calls: Made['calls'] }[]>();
  for (const run of runs)
    for (const [key, calls] of keyedCallsOf(run, by)) groups.set(key, [...(groups.get(key) ?? []), { run, calls }]);
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
        call: by === 'tool' || by === 'integration' ? calls.flatMap(({ ms }) => ms ?? []) : [],
        deciding: by === 'request' && key === 'effect' ? of((run) => run.decided) : [],
      };
      return [key, { counts, times }];
    }),
  );
}
/** The keys for which a run counts, with the calls that count. */
function keyedCallsOf(run: Made, by: (typeof kinds)[number]): [string, Made['calls']][] {
  if (by === 'tool') return [...grouped(run.calls, ({ tool }) => tool)];
  if (by === 'integration') return [...grouped(run.calls, ({ tool }) => tool.split('.')[0]!)];
  if (by === 'request') return run.decided === null ? [] : ['effect', 'call'].map((kind) => [kind, run.calls]);
  if (by === 'requester')
    return [[run.requestedBy.replace(/^(claimed:desk|subject:https:..issuer).*/, '$1'), run.calls]];
  return [[by === 'day' ? run.day : by === 'status' ? run.status : run.userId, run.calls]];
}
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const run of all) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return groups;
}
const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
const exact = (values: number[], q: number) => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;

/** Expects exact counts, and quantiles within 1 %. */
function expectExact(
  { rows, other: rest }: Pick<UsageReport, 'rows' | 'other'>,
  runs: readonly Made[],
  by: (typeof kinds)[number],
): void {
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

test('a prefix selects the tools of one integration, and keys some integrations, counted or not', async () => {
  const stored = await addRuns(60);
  await rollUpUsage(pool, signal, { through: new Date(BEGIN + 30 * 400_000) });
  const readOnly = (by: 'tool' | 'integration', only: UsageRange['only']) =>
    readUsage({ pool, workspaceId }, { ...range, by, only });
  const { rows, other: rest } = await readOnly('tool', { prefix: 'crm_1.' });
  const calls = stored.flatMap((run) => run.calls).filter(({ tool }) => tool.startsWith('crm_1.'));
  expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(calls.map(({ tool }) => tool)));
  expect([sum(rows.map(({ usage }) => usage.calls)), rest]).toEqual([calls.length, null]);
  const { rows: integrations, other: others } = await readOnly('integration', { keys: ['crm_1', 'gone_1', 'crm_1'] });
  expect(integrations.map(({ key, usage }) => [key, usage.calls])).toEqual([['crm_1', calls.length]]);
  expect(others).toBeNull();
});

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

test('the days of one key have its usage alone, before it is stored and after', async () => {
  const stored = await addRuns(300);
  const readDays = (of: UsageRange['of']) => readUsage({ pool, workspaceId }, { ...range, by: 'day', of });
  const check = async () => {
    expectExact(
      await readDays({ kind: 'user', key: 'user-3' }),
      stored.filter(({ userId }) => userId === 'user-3'),
      'day',
    );
    const tool = 'erp_1.op1';
    const called = stored.map((run) => ({ ...run, calls: run.calls.filter((call) => call.tool === tool) }));
    const { rows, total } = await readDays({ kind: 'tool', key: tool });
    expect([sum(rows.map(({ usage }) => usage.calls)), total?.calls]).toEqual([
      sum(called.map(({ calls }) => calls.length)),
      sum(called.map(({ calls }) => calls.length)),
    ]);
    expect((await readDays({ kind: 'requester', key: 'claimed:desk' })).total?.runs).toBe(75);
    expect((await readDays({ kind: 'user', key: 'nobody' })).rows).toEqual([]);
  };
  await check();
  await rollUpUsage(pool, signal, { through: later });
  await check();
});

type PlanNode = {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
};
const rowsReadBy = (node: PlanNode): number =>
  (node['Relation Name'] === undefined
    ? 0
    : (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']) +
  sum((node.Plans ?? []).map(rowsReadBy));

test('a month with 600 keys a day reads at most 5,000 rows, by each kind and by day together, and its sums are exact', async () => {
  const days = `generate_series('2026-03-01'::date, '2026-03-31', interval '1 day') AS day, generate_series(1, 600) AS n`;
  const insert = (kind: string, key: string, from: string) => `INSERT INTO usage_day
    SELECT $1::uuid, day::date, '${kind}', ${key}, n, n, 0, n, 0, n, n / 4.0, 'USD', '{}' FROM ${from}`;
  for (const kind of ['user', 'requester', 'tool', 'integration'])
    await pool.query(insert(kind, "'key-' || n", days), [workspaceId]);
  const status = `(SELECT day, sum(n)::bigint AS n FROM ${days} GROUP BY day) AS d`;
  await pool.query(insert('status', "'SUCCESS'", status), [workspaceId]);
  for (const kind of ['tool', 'integration']) await pool.query(insert('sum', `'${kind}'`, status), [workspaceId]);
  await pool.query('VACUUM ANALYZE usage_day');
  const month = { from: '2026-03-01', to: '2026-03-31', limit: 100 };
  const whole = 31 * ((600 * 601) / 2);
  const readRows = async (by: (typeof kinds)[number], only?: UsageRange['only']) => {
    const { text, values } = usageStatement(workspaceId, { ...month, by, only });
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
    return rowsReadBy(rows[0]['QUERY PLAN'][0].Plan);
  };
  for (const by of kinds) {
    expect([by, (await readRows(by)) + (await readRows('day')) <= 5000]).toEqual([by, true]);
    if (by === 'request') continue;
    const report = await readUsage({ pool, workspaceId }, { ...month, by });
    const counted = [...report.rows.map(({ usage }) => usage), ...(report.other ? [report.other] : [])];
    for (const count of ['runs', 'succeeded', 'calls', 'tokens'] as const)
      expect([by, count, sum(counted.map((usage) => usage[count]))]).toEqual([by, count, whole]);
    expect(sum(counted.map(({ cost }) => cost!))).toBeCloseTo(whole / 4, 6);
  }
  const keys = Array.from({ length: 50 }, (_, n) => `key-${n + 1}`);
  expect(await readRows('integration', { keys })).toBeLessThanOrEqual(50 * 31 * 3);
  // Of one integration: the 96 largest tools of each day, out of 111.
  const prefix = 'key-1';
  expect(await readRows('tool', { prefix })).toBeLessThanOrEqual(31 * 600 + 2 * 31 * 96);
  const { rows } = await readUsage({ pool, workspaceId }, { ...month, by: 'tool', only: { prefix } });
  expect(rows.length).toBe(96);
});

test('ratings count as they are now, on the day of the first one, and outlive their run', async () => {
  await addRuns(3);
  const ratings = async () => (await readUsage({ pool, workspaceId }, { ...range, by: 'day' })).feedback;
  expect(await ratings()).toEqual({ positive: 0, negative: 0 });
  await pool.query(`INSERT INTO feedback (workspace_id, run_id, feedback_id, rating, created_at)
    SELECT workspace_id, run_id, run_id, 'positive', '2026-03-12T10:00:00Z' FROM run`);
  expect(await ratings()).toEqual({ positive: 3, negative: 0 });
  await pool.query(
    `UPDATE feedback SET rating = 'negative' WHERE feedback_id = (SELECT min(feedback_id::text)::uuid FROM feedback)`,
  );
  await pool.query(`UPDATE feedback SET rating = rating, comment = 'again'`);
  expect(await ratings()).toEqual({ positive: 2, negative: 1 });
  await pool.query('DELETE FROM feedback');
  await rollUpUsage(pool, signal, { through: later });
  expect(await ratings()).toEqual({ positive: 2, negative: 1 });
});

test('requesters are keys and people who sign in: no row names a user of a product or of an issuer', async () => {
  await addRuns(8);
  await rollUpUsage(pool, signal, { through: later });
  const { rows } = await pool.query(`SELECT key FROM usage_day WHERE kind = 'requester' GROUP BY key ORDER BY key`);
  expect(rows.map(({ key }) => key)).toEqual(['api_key:k', 'claimed:desk', 'person:p', 'subject:https://issuer']);
});
