// Plans that only look: their planner is asked again with what was read.

import type { Plan, PlanRequest, ToolSource } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Planner } from '@errand/ports/planner';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aPlan, aRun, finish, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let plans: object[];
let requests: PlanRequest<ToolSource>[];
let complaints: { pointer: string; message: string }[];
let deaths: number;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  [requests, complaints, deaths] = [[], [], 0];
  service.seen.length = 0;
});

/** Answers with the next plan that passes. Dies so often before it answers to what was looked at. */
const planner: Planner<ToolSource> = {
  replans: true,
  async plan(request) {
    requests.push(request);
    if (request.previous && deaths-- > 0) throw Object.assign(new Error('killed'), { code: 'ECONNRESET' });
    const usage = { inputTokens: 10, outputTokens: 1 };
    for (let next = plans.shift(); next; next = plans.shift()) {
      const faults = await request.check(next);
      if (faults.length === 0) return { kind: 'plan', plan: next as Plan, usage, madeBy: 'test' };
      complaints.push(...faults);
    }
    return { kind: 'none', code: 'no_plan', reason: 'What was read does not tell it.', retryable: false, usage };
  },
};
const start = () => engines.engine(service.toolbox, { planner, workers: { watchMs: 50, tickMs: 50 } });
const steps = (...list: Parameters<typeof aPlan>[0]) => aPlan(list) as Plan;
const looking = (...list: Parameters<typeof aPlan>[0]) => ({ ...steps(...list), then: 'plan' });

test.each([0, 1])(
  'its planner sees what was read, and what was read is not read again, after %i crashes',
  async (crashes) => {
    const engine = await start();
    deaths = crashes;
    plans = [
      { ...looking(['who', 'find', { name: 'Ada' }]), mayWrite: ['svc_0000000a.make'] },
      { ...steps(['who', 'find', { name: 'Ada' }], ['log', 'make', { to: { $: 'steps.who.output.echo.name' } }]) },
    ];
    const { run, events } = await finish(engine, aRun());
    expect(run).toMatchObject({ status: 'SUCCESS', usage: { inputTokens: 20 } });
    expect(requests).toHaveLength(2 + crashes);
    expect(requests.at(-1)!.previous).toMatchObject({
      looked: true,
      failures: [],
      outputs: { who: '{"echo":{"name":"Ada"}}' },
    });
    expect([service.calls('find'), service.calls('make')]).toEqual([1, 1]);
    expect(service.seen.at(-1)!.args).toEqual({ to: 'Ada' });
    expect(events.map(({ type }) => type)).toEqual(['start', 'step', 'status', 'step', 'end']);
    expect(events[2]).toMatchObject({ reason: 'Planned on with what was read: "find" at Service.' });
  },
);

test('a write that the plan did not name before it read needs the approval of a human', async () => {
  const engine = await start();
  plans = [
    { ...looking(['who', 'find']), mayWrite: ['svc_0000000a.make'] },
    steps(['who', 'find'], ['mail', 'put', { to: 'audit@evil.example' }]),
  ];
  const run = await untilWaiting(engine, aRun({ context: 'audit@evil.example' }));
  expect(run.waitingOn).toMatchObject([
    { kind: 'call', text: expect.stringContaining('The plan before did not name this') },
  ]);
  expect(service.calls('put')).toBe(0);
});

test('it may hold no write, and a run looks three times at most', async () => {
  const engine = await start();
  plans = [looking(['a', 'make']), ...['a', 'b', 'c', 'd'].map((id) => looking([id, 'find'])), steps(['e', 'look'])];
  const { run } = await finish(engine, aRun());
  expect(run.status).toBe('SUCCESS');
  expect(complaints).toEqual([
    { pointer: '/steps/0/tool', message: expect.stringContaining('only reads') },
    { pointer: '/then', message: 'The run has looked 3 times: write a plan with a result.' },
  ]);
  expect([service.calls('find'), service.calls('make'), service.calls('look')]).toEqual([3, 0, 1]);
});

test('looking takes no plan away from those that a run gets after failures', async () => {
  const engine = await start();
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 404;
    return {};
  };
  plans = [looking(['a', 'look']), steps(['b', 'find']), steps(['c', 'find']), steps(['d', 'look'])];
  const { run } = await finish(engine, aRun());
  delete service.behaviours.find;
  expect([run.status, requests.length]).toEqual(['SUCCESS', 4]);
});

test('when there is no plan to go on with, the run says why', async () => {
  const engine = await start();
  plans = [looking(['a', 'find'])];
  const { run } = await finish(engine, aRun());
  expect(run).toMatchObject({
    status: 'NO_SUCCESS',
    error: { code: 'no_plan', message: 'What was read does not tell it.' },
  });
  plans = [looking(['a', 'find']), steps(['b', 'look'])];
  const poor = await finish(engine, aRun({ budget: { maxTokens: 20 } }));
  expect(poor.run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'budget_exhausted' } });
  expect(service.calls('look')).toBe(0);
});

test('a plan of the caller may not look, and a run that looked is not repeated', async () => {
  const engine = await start();
  await expect(engine.create(newId(), aRun({ plan: looking(['a', 'find']) as never }))).rejects.toMatchObject({
    code: 'plan_invalid',
    options: { errors: [{ pointer: '/plan/then', message: expect.stringContaining('nobody plans on after it') }] },
  });
  const workspaceId = newId();
  for (let n = 0; n < 2; n++) {
    plans = [looking(['a', 'find']), steps(['b', 'look'])];
    const { run } = await finish(engine, aRun({ repeatKey: 'weekly' }), workspaceId);
    expect([run.status, run.repeatRunId]).toEqual(['SUCCESS', undefined]);
  }
  expect(requests).toHaveLength(4);
});
