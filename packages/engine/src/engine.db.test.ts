import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@errand/db';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from './engine.ts';
import { aPlan, aRun, finish, follow, startEngines } from './testing/engine.ts';
import { startService } from './testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { calls: { backoffMs: 5, timeoutMs: 300 } });
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

test('a plan is executed step by step, streamed without gaps, and ends with its result', async () => {
  service.behaviours.look = () => ({ items: [{ id: 7 }, { id: 8 }] });
  const plan = aPlan(
    [
      ['a', 'look', { q: 'x' }],
      ['b', 'find', { id: { $: 'steps.a.output.items[0].id' } }],
      ['each', 'find', { id: { $: 'item' } }, { forEach: { $: 'steps.a.output.items.id' } }],
    ],
    { first: { $: 'steps.b.output.echo.id' }, all: { $: 'steps.each.output.echo.id' } },
  );
  const { created, events, run } = await finish(engine, aRun({ plan }));
  expect(created).toMatchObject({ status: 'QUEUED', events: [], plan: { planType: 'json' } });
  expect(summary(events).sort()).toEqual(
    ['1 start RUNNING', '2 step RUNNING', '3 step RUNNING', '4 step RUNNING', '5 end SUCCESS'].sort(),
  );
  expect(run).toMatchObject({
    status: 'SUCCESS',
    result: { first: 7, all: [7, 8] },
    usage: { steps: 3, toolCalls: 4 },
  });
  const step = events.find((e) => e.type === 'step' && e.step.stepId === 'a');
  expect(step).toMatchObject({
    step: {
      approval: 'NOT_REQUIRED',
      toolCalls: [
        {
          toolCallId: 'a',
          toolParameters: { q: 'x' },
          toolResult: { executionResult: { items: [{ id: 7 }, { id: 8 }] } },
        },
      ],
    },
  });
});

test('without tool calls step events carry only text', async () => {
  const { run, workspaceId } = await finish(
    engine,
    aRun({ plan: aPlan([['a', 'look', { secretArgument: 1 }]], 'done') }),
  );
  const plain = await follow(engine, workspaceId, run.runId, false);
  expect(plain.map((e) => e.seq)).toEqual([1, 2, 3]);
  const events = await engine.events(workspaceId, { runId: run.runId, after: 0, limit: 100, includeToolCalls: false });
  expect(events).toEqual(plain);
  expect(JSON.stringify(events)).not.toContain('secretArgument');
});

test('independent steps run at the same time', async () => {
  let open = 0;
  let most = 0;
  service.behaviours.look = async () => {
    most = Math.max(most, ++open);
    await sleep(30);
    open--;
    return {};
  };
  await finish(
    engine,
    aRun({
      plan: aPlan([
        ['a', 'look', { n: 1 }],
        ['b', 'look', { n: 2 }],
        ['c', 'look', { n: 3 }],
      ]),
    }),
  );
  expect(most).toBe(3);
});

test('a read is tried again, a write whose outcome is unknown is not', async () => {
  let failures = 2;
  const failing = (_: unknown, __: unknown, response: { statusCode: number }) => {
    if (failures-- > 0) response.statusCode = 503;
    return {};
  };
  service.behaviours.look = failing;
  const read = await finish(engine, aRun({ plan: aPlan([['a', 'look']]) }));
  expect([read.run.status, service.calls('look')]).toEqual(['SUCCESS', 3]);
  failures = 1;
  service.behaviours.make = failing;
  const write = await finish(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  expect([write.run.status, service.calls('make')]).toEqual(['PARTIAL_SUCCESS', 1]);
  failures = 1;
  service.behaviours.put = failing;
  const put = await finish(engine, aRun({ plan: aPlan([['a', 'put']]) }));
  expect([put.run.status, service.calls('put')]).toEqual(['SUCCESS', 2]);
  expect(new Set(service.seen.filter((c) => c.operation === 'put').map((c) => c.idempotencyKey)).size).toBe(1);
});

test('a failed step blocks those that need it, others go on, and the end says what is left', async () => {
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 404;
    return { error: 'none' };
  };
  const plan = aPlan(
    [
      ['a', 'find'],
      ['b', 'look', { x: { $: 'steps.a.output.id' } }],
      ['c', 'make', { n: 1 }],
    ],
    { done: { $: 'steps.c.output.echo.n' } },
  );
  const { run, events } = await finish(engine, aRun({ plan }));
  expect(run).toMatchObject({ status: 'PARTIAL_SUCCESS', result: { done: 1 }, error: { code: 'upstream_error' } });
  expect(service.calls('look')).toBe(0);
  expect(events.filter((e) => e.type === 'step')).toHaveLength(3);
});

test('nothing found is no success and changes nothing', async () => {
  service.behaviours.look = () => ({ items: [] });
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { id: { $: 'steps.a.output.items[0].id' } }],
  ]);
  service.toolbox.catalog.tools.find((t) => t.operation === 'make')!.inputSchema = { type: 'object', required: ['id'] };
  const { run } = await finish(engine, aRun({ plan }));
  service.toolbox.catalog.tools.find((t) => t.operation === 'make')!.inputSchema = { type: 'object' };
  expect([run.status, run.error?.code, service.calls('make')]).toEqual(['NO_SUCCESS', 'nothing_found', 0]);
});

test('no plan is no success, and a result that does not fit is never success', async () => {
  const none = await finish(engine, aRun());
  expect(none.run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'no_plan' } });
  const outputSchema = { type: 'object', required: ['total'], properties: { total: { type: 'number' } } };
  const misfit = await finish(engine, aRun({ outputSchema, plan: aPlan([['a', 'look']], { total: 'many' }) }));
  expect(misfit.run).toMatchObject({
    status: 'FAILED',
    error: { code: 'result_validation_failed', errors: [{ pointer: '/total' }] },
  });
  expect('result' in misfit.run).toBe(false);
});

test('an own plan that does not pass the checker is refused with pointers', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'nothere'],
  ]);
  await expect(engine.create(newId(), aRun({ plan }))).rejects.toMatchObject({
    code: 'plan_invalid',
    options: { errors: [{ pointer: '/plan/steps/1/tool' }] },
  });
});

test('a repeat executes the stored plan, a changed tool makes it plan afresh', async () => {
  const workspaceId = newId();
  const plan = aPlan([['a', 'look', { q: 1 }]]);
  const first = await finish(engine, aRun({ repeatKey: 'k', plan }), workspaceId);
  const again = await finish(engine, aRun({ repeatKey: 'k' }), workspaceId);
  expect(again.run).toMatchObject({ status: 'SUCCESS', repeatRunId: first.run.runId, result: first.run.result });
  const other = await finish(engine, aRun({ repeatKey: 'k', intent: 'Another' }), workspaceId);
  expect([other.run.repeatRunId, other.run.status]).toEqual([undefined, 'NO_SUCCESS']);
  const tool = service.toolbox.catalog.tools[0]!;
  service.toolbox.catalog.tools[0] = { ...tool, inputSchema: { type: 'object', additionalProperties: false } };
  const changed = await finish(engine, aRun({ repeatKey: 'k' }), workspaceId);
  service.toolbox.catalog.tools[0] = tool;
  expect([changed.run.repeatRunId, changed.run.status]).toEqual([undefined, 'NO_SUCCESS']);
  expect(summary(changed.events)).toEqual(['1 start RUNNING', '2 status RUNNING', '3 end NO_SUCCESS']);
});

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
  const events = await engine.events(workspaceId, { runId, after: 0, limit: 100, includeToolCalls: true });
  expect(summary(events)).toEqual(['1 start RUNNING', '2 end CANCELED']);
  expect((await engine.cancel(workspaceId, runId)).status).toBe('CANCELED');
});

test('a finished run is not cancelled, an unknown one is not found, another workspace sees nothing', async () => {
  const { run, workspaceId } = await finish(engine, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect(engine.cancel(workspaceId, run.runId)).rejects.toMatchObject({ code: 'run_already_finished' });
  await expect(engine.cancel(newId(), run.runId)).rejects.toMatchObject({ code: 'not_found' });
  const stranger = { runId: run.runId, after: 0, includeToolCalls: false };
  await expect(engine.stream(newId(), stranger, AbortSignal.timeout(1000))).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(engine.stream(workspaceId, { ...stranger, after: 99 }, AbortSignal.timeout(1000))).rejects.toMatchObject(
    { code: 'invalid_event_id' },
  );
  expect(await engine.stream(workspaceId, { ...stranger, after: 3 }, AbortSignal.timeout(1000))).toBeNull();
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
  const other = await engines.engine(service.toolbox, { work: false });
  service.behaviours.look = async () => {
    await sleep(40);
    return {};
  };
  const workspaceId = newId();
  const { runId } = await other.create(
    workspaceId,
    aRun({
      plan: aPlan([
        ['a', 'look'],
        ['b', 'look', {}, { dependsOn: ['a'] }],
      ]),
    }),
  );
  const events = await follow(other, workspaceId, runId);
  expect(summary(events)).toEqual(['1 start RUNNING', '2 step RUNNING', '3 step RUNNING', '4 end SUCCESS']);
  await other.wait(workspaceId, runId, 1000);
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
  const base = { includeEvents: false, includeToolCalls: false, page: 1, pageSize: 2 };
  const first = await engine.list(workspaceId, base);
  expect(first.pagination).toMatchObject({ page: 1, totalItems: 5, totalPages: 3 });
  const users: string[] = first.runs.map((r) => r.userId);
  for (let cursor = first.pagination.nextCursor; cursor; ) {
    const next = await engine.list(workspaceId, { ...base, cursor });
    users.push(...next.runs.map((r) => r.userId));
    cursor = next.pagination.nextCursor;
  }
  expect(users).toEqual(['u4', 'u3', 'u2', 'u1', 'u0']);
  const cursor = first.pagination.nextCursor!;
  await expect(engine.list(newId(), { ...base, cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
  await expect(
    engine.list(workspaceId, { ...base, cursor: `${cursor[0] === 'A' ? 'B' : 'A'}${cursor.slice(1)}` }),
  ).rejects.toMatchObject({
    code: 'invalid_cursor',
  });
});
