import { setTimeout as sleep } from 'node:timers/promises';
import { newId, readLedger } from '@errand/db';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let pool: pg.Pool;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { callPolicy: { backoffMs: 5 } });
  pool = new pg.Pool({ connectionString: engines.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});
afterEach(() => {
  service.seen.length = 0;
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

test('a write that the database breaks off is made again, and the run ends', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const breaking = new pg.Pool({ connectionString: freshEngines.url, max: 5 });
  const query = breaking.query.bind(breaking) as (...args: unknown[]) => Promise<unknown>;
  let failures = 1;
  breaking.query = ((...args: unknown[]) => {
    const { name = '' } = args[0] as { name?: string };
    if (!name.startsWith('run_transition') || failures-- <= 0) return query(...args);
    return Promise.reject(Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }));
  }) as typeof breaking.query;
  const troubled = await freshEngines.engine(service.toolbox, { db: { pool: breaking } });
  const workspaceId = newId();
  const { runId } = await troubled.create(
    workspaceId,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'find', {}, { dependsOn: ['a'] }],
      ]),
    }),
  );
  const events = await follow(troubled, workspaceId, runId);
  expect(events.map((e) => `${e.seq} ${e.type}`)).toEqual(['1 start', '2 step', '3 step', '4 end']);
  await troubled.stop();
  await breaking.end();
  await freshEngines.close();
});

test('text that Postgres refuses does not keep a run from ending', async () => {
  const plan = { ...aPlan([['a', 'look', { x: 'a\0b\ud800' }]], { $: '"u\\u0000v" & steps.a.output.echo.x' }) };
  const loud = await finish(engine, aRun({ plan }));
  expect(loud.run).toMatchObject({ status: 'SUCCESS', result: 'uvab\ufffd' });
  const failing = await finish(
    engine,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'find', { x: { $: '$error("u\\u0000v")' } }],
      ]),
    }),
  );
  expect(failing.run.status).not.toBe('RUNNING');
});

test('an exhausted budget waits for the outcome of the write in flight', async () => {
  service.behaviours.make = () => undefined;
  const { run, workspaceId } = await finish(
    engine,
    aRun({ budget: { maxSeconds: 0.2 }, plan: aPlan([['a', 'make']]) }),
  );
  expect([run.status, run.error?.code]).toEqual(['PARTIAL_SUCCESS', 'budget_exhausted']);
  expect((await readLedger({ pool, workspaceId }, run.runId)).map((entry) => entry.state)).toEqual(['UNCERTAIN']);
});

test('a write is not forgotten when a later attempt is refused', async () => {
  let answers = 0;
  service.behaviours.put = (_, __, response) => {
    response.statusCode = answers++ === 0 ? 500 : 409;
    return {};
  };
  const run = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'put']]) }));
  expect([run.status, service.calls('put')]).toEqual(['PAUSED', 2]);
});

test('a run that wrote something is not ended as fruitless by a condition that does not hold', async () => {
  const plan = aPlan([
    ['a', 'make'],
    ['b', 'look', {}, { dependsOn: ['a'], when: { $: 'false' } }],
  ]);
  expect((await finish(engine, aRun({ plan }))).run.status).toBe('SUCCESS');
});

test('a follower that joins while the last one leaves still sees every event', async () => {
  let answer = () => {};
  service.behaviours.look = () =>
    new Promise((resolve) => {
      answer = () => resolve({});
    });
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect.poll(() => service.calls('look')).toBe(1);
  const view = { runId, after: 0, includeToolCalls: false };
  const leaving = new AbortController();
  const first = await engine.streamEvents(workspaceId, view, leaving.signal);
  await first?.next();
  const second = await engine.streamEvents(workspaceId, view, AbortSignal.timeout(10_000));
  leaving.abort();
  for await (const _ of first ?? []);
  await sleep(20);
  answer();
  const statuses: string[] = [];
  for await (const { id } of second ?? []) statuses.push(id);
  expect(statuses).toEqual(['1', '2', '3']);
});

test('time at work adds up over activations', async () => {
  service.behaviours.look = async () => {
    await sleep(60);
    return {};
  };
  const { run } = await finish(
    engine,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'look', { n: 2 }, { dependsOn: ['a'] }],
      ]),
    }),
  );
  expect(run.usage.activeMs).toBeGreaterThanOrEqual(115);
});
