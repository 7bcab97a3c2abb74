import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@errand/db';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { callPolicy: { backoffMs: 5, timeoutMs: 10_000 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
afterEach(() => {
  service.seen.length = 0;
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

const summary = (events: { type: string; seq: number; runStatus: string }[]) =>
  events.map((e) => `${e.seq} ${e.type} ${e.runStatus}`);

test('cancelling aborts the call in flight and ends the run at once', async () => {
  let aborted = false;
  service.behaviours.look = (_, __, response) => {
    response.on('close', () => {
      aborted = true;
    });
    return undefined;
  };
  const workspaceId = newId();
  const { runId } = await engine.create(
    workspaceId,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'find', {}, { dependsOn: ['a'] }],
      ]),
    }),
  );
  await expect.poll(() => service.calls('look')).toBe(1);
  const run = await engine.cancel(workspaceId, runId);
  expect(run.status).toBe('CANCELED');
  await expect.poll(() => aborted).toBe(true);
  await sleep(50);
  const events = (await engine.listEvents(workspaceId, { runId, after: 0, limit: 100, includeToolCalls: true })).value()
    .events;
  expect(summary(events)).toEqual(['1 start RUNNING', '2 end CANCELED']);
  expect((await engine.cancel(workspaceId, runId)).status).toBe('CANCELED');
});

test('a finished run is not cancelled, an unknown one is not found, another workspace sees nothing', async () => {
  const { run, workspaceId } = await finish(engine, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect(engine.cancel(workspaceId, run.runId)).rejects.toMatchObject({ code: 'run_already_finished' });
  await expect(engine.cancel(newId(), run.runId)).rejects.toMatchObject({ code: 'not_found' });
  const stranger = { runId: run.runId, after: 0, includeToolCalls: false };
  await expect(engine.streamEvents(newId(), stranger, AbortSignal.timeout(1000))).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(
    engine.streamEvents(workspaceId, { ...stranger, after: 99 }, AbortSignal.timeout(1000)),
  ).rejects.toMatchObject({ code: 'invalid_event_id' });
  expect(await engine.streamEvents(workspaceId, { ...stranger, after: 3 }, AbortSignal.timeout(1000))).toBeNull();
});

test('a follower in another workspace sees nothing of a run, and takes nothing from its followers', async () => {
  let release = () => {};
  const untilReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  service.behaviours.look = () => untilReleased.then(() => ({ ok: true }));
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect.poll(() => service.calls('look')).toBe(1);
  const strangers = async () => {
    const view = { runId, after: 0, includeToolCalls: true, progress: true };
    await expect(engine.streamEvents(newId(), view, AbortSignal.timeout(1000))).rejects.toMatchObject({
      code: 'not_found',
    });
  };
  // Each is still reading when the next one joins.
  const first = strangers();
  const following = follow(engine, workspaceId, runId);
  await Promise.all([first, strangers()]);
  release();
  expect(summary((await following) as never)).toEqual(['1 start RUNNING', '2 step RUNNING', '3 end SUCCESS']);
});

test('budgets end the run with the work that was done', async () => {
  const steps = Array.from(
    { length: 4 },
    (_, i) => [`s${i}`, 'look', { i }, i > 0 ? { dependsOn: [`s${i - 1}`] } : {}] as [string, string, object, object],
  );
  const calls = await finish(
    engine,
    aRun({ budget: { maxToolCalls: 2 }, plan: aPlan(steps as Parameters<typeof aPlan>[0], { $: 'steps.s1.output' }) }),
  );
  expect(calls.run).toMatchObject({ status: 'PARTIAL_SUCCESS', error: { code: 'budget_exhausted' } });
  expect(service.calls('look')).toBe(2);
  service.behaviours.find = () => undefined;
  const slow = await finish(engine, aRun({ budget: { maxSeconds: 0.1 }, plan: aPlan([['a', 'find']]) }));
  expect(slow.run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'budget_exhausted' } });
});

test('another process streams a run that this one executes', async () => {
  const otherEngine = await engines.engine(service.toolbox, { work: false });
  service.behaviours.look = async () => {
    await sleep(40);
    return {};
  };
  const workspaceId = newId();
  const { runId } = await otherEngine.create(
    workspaceId,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'look', {}, { dependsOn: ['a'] }],
      ]),
    }),
  );
  const events = await follow(otherEngine, workspaceId, runId);
  expect(summary(events)).toEqual(['1 start RUNNING', '2 step RUNNING', '3 step RUNNING', '4 end SUCCESS']);
  await otherEngine.waitForRun(workspaceId, runId, 1000);
});

test('a run that another process ends meanwhile is streamed to its end here, where it began', async () => {
  const otherEngine = await engines.engine(service.toolbox, { work: false });
  service.behaviours.look = () => undefined;
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect.poll(() => service.calls('look')).toBe(1);
  const before = follow(engine, workspaceId, runId);
  await otherEngine.cancel(workspaceId, runId);
  const after = follow(engine, workspaceId, runId);
  for (const events of await Promise.all([before, after]))
    expect(summary(events as never)).toEqual(['1 start RUNNING', '2 end CANCELED']);
  const again = { runId, after: 2, includeToolCalls: false };
  expect(await engine.streamEvents(workspaceId, again, AbortSignal.timeout(1000))).toBeNull();
});

test('many followers of many runs each see every event once, in order', async () => {
  const workspaceId = newId();
  const runs = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      engine.create(
        workspaceId,
        aRun({
          plan: aPlan([
            ['a', 'look', { i }],
            ['b', 'find', { x: { $: 'steps.a.output.echo.i' } }],
          ]),
        }),
      ),
    ),
  );
  const streams = await Promise.all(
    runs.flatMap(({ runId }) => [1, 2, 3].map(() => follow(engine, workspaceId, runId))),
  );
  for (const events of streams.filter((s) => s.length > 0)) expect(events.map((e) => e.seq)).toEqual([1, 2, 3, 4]);
});

test('lists page by cursor to the end and refuse a foreign cursor', async () => {
  const workspaceId = newId();
  for (let i = 0; i < 5; i++) await engine.create(workspaceId, aRun({ userId: `u${i}` }));
  const base = { sort: '-createdAt' as const, includeEvents: false, includeToolCalls: false, page: 1, pageSize: 2 };
  const first = (await engine.listRuns(workspaceId, base)).value();
  expect(first.pagination).toMatchObject({ page: 1, totalItems: 5, totalPages: 3 });
  const users: string[] = first.runs.map((r) => r.userId);
  for (let cursor = first.pagination.nextCursor; cursor; ) {
    const next = (await engine.listRuns(workspaceId, { ...base, cursor })).value();
    users.push(...next.runs.map((r) => r.userId));
    cursor = next.pagination.nextCursor;
  }
  expect(users).toEqual(['u4', 'u3', 'u2', 'u1', 'u0']);
  const cursor = first.pagination.nextCursor!;
  await expect(engine.listRuns(newId(), { ...base, cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
  await expect(
    engine.listRuns(workspaceId, { ...base, cursor: `${cursor[0] === 'A' ? 'B' : 'A'}${cursor.slice(1)}` }),
  ).rejects.toMatchObject({
    code: 'invalid_cursor',
  });
});
