import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { aPlan, aRun, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let admin: pg.Pool;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  admin = new pg.Pool({ connectionString: engines.url, max: 2 });
});
afterAll(async () => {
  await admin.end();
  await engines.close();
  await service.close();
});

const watchful = { workers: { watchMs: 50 } };
const seqs = (events: { seq: number; type: string }[]) => events.map((e) => `${e.seq} ${e.type}`);

test('a run without a notification is claimed', async () => {
  const idle = await engines.engine(service.toolbox, { work: false });
  const workspaceId = newId();
  const { runId } = await idle.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await engines.engine(service.toolbox, watchful);
  expect(seqs(await follow(idle, workspaceId, runId))).toEqual(['1 start', '2 step', '3 end']);
});

test('a run under the lease of a pool that is gone is taken over, and its recorded calls are not repeated', async () => {
  const engine = await engines.engine(service.toolbox, watchful);
  let release = () => {};
  service.behaviours.find = () =>
    new Promise((resolve) => {
      release = () => resolve({});
    });
  const before = service.calls('look');
  const workspaceId = newId();
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'find', {}, { dependsOn: ['a'] }],
  ]);
  const { runId } = await engine.create(workspaceId, aRun({ plan }));
  await expect.poll(() => service.calls('find')).toBe(1);
  await expect
    .poll(
      async () =>
        (await engine.listEvents(workspaceId, { runId, after: 0, limit: 9, includeToolCalls: false })).value().events
          .length,
    )
    .toBe(2);
  // As after the death of its worker: the lease names a pool that nobody holds the lock of.
  await admin.query(`UPDATE run SET lease = 'pool-dead' WHERE run_id = $1`, [runId]);
  service.behaviours.find = () => ({});
  expect(seqs(await follow(engine, workspaceId, runId))).toEqual(['1 start', '2 step', '3 step', '4 end']);
  release();
  await sleep(50);
  expect([service.calls('look') - before, service.calls('find')]).toEqual([1, 2]);
});

test('a worker looks for runs of workers that are gone as soon as it starts', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const idle = await freshEngines.engine(service.toolbox, { work: false });
  const workspaceId = newId();
  const { runId } = await idle.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  const database = new pg.Client({ connectionString: freshEngines.url });
  await database.connect();
  await database.query(`UPDATE run SET lease = 'pool-dead', due = 0, epoch = 1, status = 'RUNNING' WHERE run_id = $1`, [
    runId,
  ]);
  await database.end();
  await freshEngines.engine(service.toolbox, { workers: { watchMs: 60_000 } });
  expect(seqs(await follow(idle, workspaceId, runId)).at(-1)).toBe('2 end');
  await freshEngines.close();
});

test('just after Postgres has dropped all locks, a pool without one is dead once it has been silent for longer', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const engine = await freshEngines.engine(service.toolbox, { workers: { watchMs: 50, silentMs: 1000 } });
  const workspaceId = newId();
  await follow(engine, workspaceId, (await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }))).runId);
  const idle = await freshEngines.engine(service.toolbox, { work: false });
  const { runId } = await idle.create(
    workspaceId,
    aRun({ plan: aPlan([['a', 'look']]), startAt: new Date(Date.now() + 3_600_000).toISOString() }),
  );
  const database = new pg.Client({ connectionString: freshEngines.url });
  await database.connect();
  await database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  const { rows } = await database.query<{ at: string }>(
    `INSERT INTO worker_pool (worker_pool_id, host, heartbeat_at) VALUES ('pool-cut', '', now()) RETURNING heartbeat_at::text AS at`,
  );
  await database.query(
    `UPDATE run SET lease = 'pool-cut', not_before = NULL, due = 0, epoch = 1, status = 'RUNNING' WHERE run_id = $1`,
    [runId],
  );
  const silence = `SELECT clock_timestamp() - $2::timestamptz >= interval '1 s' AS full FROM run WHERE run_id = $1 AND epoch > 1`;
  let full: boolean | undefined;
  const freed = async () => {
    full = (await database.query<{ full: boolean }>(silence, [runId, rows[0]?.at])).rows[0]?.full;
    return full;
  };
  await expect.poll(freed, { timeout: 5000, interval: 20 }).toBeDefined();
  expect(full).toBe(true);
  await database.end();
  await freshEngines.close();
});

test('jobs of many processes advance each run once', async () => {
  const others = await Promise.all([1, 2].map(() => engines.engine(service.toolbox, watchful)));
  const workspaceId = newId();
  const before = service.calls('make');
  const runs = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      others[i % 2]!.create(workspaceId, aRun({ plan: aPlan([['a', 'make', { i }]]) })),
    ),
  );
  for (const { runId } of runs) await follow(others[0]!, workspaceId, runId);
  expect(service.calls('make') - before).toBe(60);
});

test('a process that drains releases what it cannot finish, and a write in flight is not sent twice unless it is idempotent', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const leaving = await freshEngines.engine(service.toolbox, { workers: { drainMs: 100 } });
  const workspaceId = newId();
  const hang = () => undefined;
  Object.assign(service.behaviours, { look: hang, put: hang, make: hang });
  const created = await Promise.all(
    ['look', 'put', 'make'].map((operation) =>
      leaving.create(workspaceId, aRun({ plan: aPlan([['a', operation, { drain: 1 }]], 'done') })),
    ),
  );
  const sent = (operation: string) =>
    service.seen.filter((c) => c.operation === operation && 'drain' in (c.args as object)).length;
  await expect.poll(() => ['look', 'put', 'make'].map(sent)).toEqual([1, 1, 1]);
  for (const operation of ['look', 'put', 'make']) delete service.behaviours[operation];
  await leaving.stop();
  const staying = await freshEngines.engine(service.toolbox, watchful);
  const statuses = () =>
    Promise.all(
      created.map(async ({ runId }) => {
        const run = await staying.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false });
        return run.value().status;
      }),
    );
  await expect.poll(statuses).toEqual(['SUCCESS', 'SUCCESS', 'PAUSED']);
  expect(['look', 'put', 'make'].map(sent)).toEqual([2, 2, 1]);
  await freshEngines.close();
});
