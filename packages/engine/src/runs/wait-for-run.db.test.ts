import { newId } from '@errand/db';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { callPolicy: { attempts: 1 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
afterEach(() => {
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

const wait = async (input: Parameters<typeof aRun>[0], by: Engine = engine, ms = 20_000) => {
  const workspaceId = newId();
  const created = await by.create(workspaceId, aRun(input));
  const answer = await by.waitForCreatedRun(workspaceId, created, { ms });
  const view = { runId: created.runId, includeEvents: true, includeToolCalls: false };
  return { workspaceId, created, answer: answer?.value(), read: () => read(workspaceId, view) };
};

/** The run without its phases, which only a statement computes. */
async function read(workspaceId: string, view: Parameters<Engine['getRun']>[1]) {
  const { phases: _, ...run } = (await engine.getRun(workspaceId, view)).value();
  return run;
}

const chain = aPlan([
  ['a', 'look', { text: 'with "quotes", \\ and ü' }],
  ['b', 'find', { from: { $: 'steps.a.output.echo.text' } }],
]);
const inputs = {
  'that succeeds': { plan: { ...chain, result: { text: { $: 'steps.b.output.echo.from' } } } },
  'without a result': { plan: chain, metadata: { team: 'a' }, context: 'key: value' },
  'whose result is null': { plan: { ...chain, result: null } },
  'that fails': { plan: aPlan([['a', 'put']]) },
  'that changes something and then fails': {
    plan: aPlan([
      ['a', 'make'],
      ['b', 'put', {}, { dependsOn: ['a'] }],
    ]),
  },
};

test.each(Object.entries(inputs))('the answer of a run %s is the run as it is read', async (_, input) => {
  service.behaviours.put = (__, ___, response) => {
    response.statusCode = 400;
    return { why: 'refused' };
  };
  const { answer, created, read } = await wait(input as Parameters<typeof aRun>[0]);
  expect(answer).toEqual({ ...(await read()), plan: created.plan });
});

test('a cancelled run is answered as it is read', async () => {
  service.behaviours.look = () => undefined;
  const workspaceId = newId();
  const created = await engine.create(workspaceId, aRun({ plan: chain }));
  const waiting = engine.waitForCreatedRun(workspaceId, created, { ms: 20_000 });
  await expect.poll(() => service.calls('look')).toBeGreaterThan(0);
  await engine.cancel(workspaceId, created.runId);
  const view = { runId: created.runId, includeEvents: true, includeToolCalls: false };
  expect((await waiting)?.value()).toEqual({ ...(await read(workspaceId, view)), plan: created.plan });
});

test('waiting for a run reads nothing', async () => {
  const reads = new Set(['run_head', 'run_rendered', 'events_from', 'events_read', 'plan_read']);
  const names: string[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [config] = args as [{ name?: string }];
    if (config.name !== undefined) names.push(config.name);
    return Reflect.apply(query, this, args);
  } as typeof query;
  try {
    const { answer } = await wait({ plan: chain });
    expect(answer?.status).toBe('SUCCESS');
    expect(names.filter((name) => reads.has(name))).toEqual([]);
    expect(names).toContain('run_create');
  } finally {
    pg.Client.prototype.query = query;
  }
});

test('the wait ends as soon as a human is needed', async () => {
  const begun = performance.now();
  const { answer, read } = await wait({ plan: aPlan([['a', 'make']]), approvalStrategy: 'ON_WRITE' });
  expect(answer).toBeUndefined();
  expect((await read()).status).toBe('PAUSED');
  expect(performance.now() - begun).toBeLessThan(15_000);
});

test('while another step runs, the run does not wait for its human yet', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  service.behaviours.look = async () => {
    await released;
    return { done: true };
  };
  const plan = aPlan([
    ['a', 'make'],
    ['b', 'look'],
  ]);
  const workspaceId = newId();
  const created = await engine.create(workspaceId, aRun({ plan, approvalStrategy: 'ON_WRITE' }));
  let isOver = false;
  const waiting = engine.waitForCreatedRun(workspaceId, created, { ms: 20_000 }).finally(() => {
    isOver = true;
  });
  const view = { runId: created.runId, after: 0, limit: 10, includeToolCalls: false };
  const hasAsked = async () => JSON.stringify((await engine.listEvents(workspaceId, view)).value()).includes('PAUSED');
  await expect.poll(hasAsked).toBe(true);
  expect(isOver).toBe(false);
  release();
  expect(await waiting).toBeUndefined();
  const run = (await engine.getRun(workspaceId, { ...view, includeEvents: false })).value();
  expect(run.status).toBe('PAUSED');
});

test('the wait ends after its time, and another process that carries out the run is waited for', async () => {
  service.behaviours.look = () => undefined;
  expect((await wait({ plan: chain }, engine, 50)).answer).toBeUndefined();
  delete service.behaviours.look;
  const idle = await engines.engine(service.toolbox, { work: false });
  const { answer, read } = await wait({ plan: chain }, idle);
  expect(answer).toBeUndefined();
  expect((await read()).status).toBe('SUCCESS');
});
