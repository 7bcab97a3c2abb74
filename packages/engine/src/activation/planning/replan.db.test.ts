import type { Run, ToolSource } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Planner } from '@errand/ports/planner';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { by } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { scriptedPlanner } from '../../testing/planner.ts';
import { startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
const script = scriptedPlanner();

/** The worker of an earlier test would carry out runs with its own planner. */
const running: Engine[] = [];
const anEngine = async (overrides: Parameters<typeof engines.engine>[1]) => {
  const engine = await engines.engine(service.toolbox, overrides);
  running.push(engine);
  return engine;
};
afterEach(() => Promise.all(running.splice(0).map((engine) => engine.stop())));
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  script.reset();
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 404;
    return {};
  };
});

test('after a failure there is another plan, made with the results of the first; ended steps are not repeated', async () => {
  const engine = await anEngine({ planner: script.planner });
  script.plans = [
    aPlan([
      ['a', 'make', { n: 1 }],
      ['b', 'find', {}, { dependsOn: ['a'] }],
    ]),
    // The step a is not what it was: refused.
    aPlan([['a', 'make', { n: 2 }]]),
    aPlan([
      ['a', 'make', { n: 1 }],
      ['c', 'look', { got: { $: 'steps.a.output.echo.n' } }],
    ]),
  ];
  const { run, events } = await finish(engine, aRun());
  expect([run.status, run.progress]).toEqual(['SUCCESS', { done: 3, total: 3 }]);
  expect(script.faults).toEqual([expect.objectContaining({ pointer: '/steps/0/id' })]);
  expect(script.asked[1]!.previous).toMatchObject({
    failures: [{ stepId: 'b', code: 'upstream_error' }],
    outputs: { a: '{"echo":{"n":1}}' },
  });
  expect([service.calls('make'), service.calls('find'), service.calls('look')]).toEqual([1, 1, 1]);
  expect(service.seen.find((call) => call.operation === 'look')!.args).toEqual({ got: 1 });
  expect(events.map((e) => e.type)).toEqual(['start', 'step', 'step', 'status', 'step', 'end']);
  expect(events[3]).toMatchObject({ reason: expect.stringContaining('Planned again') });
});

test('the planner gets the reason of a denial, and the new plan continues without the call', async () => {
  const engine = await anEngine({ planner: script.planner });
  script.plans = [aPlan([['a', 'make']]), aPlan([['b', 'look']])];
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE' }));
  const approvalId = run.waitingOn[0]!.approvalId!;
  await engine.decideApproval(run.workspaceId, { approvalId, decision: 'deny', reason: 'too dear' }, by);
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(script.asked[1]!.previous?.failures).toEqual([
    expect.objectContaining({ code: 'approval_denied', message: expect.stringContaining('too dear') }),
  ]);
  expect([service.calls('make'), service.calls('look')]).toEqual([0, 1]);
});

test('after two more plans, or without a better one, the outcome is final', async () => {
  const engine = await anEngine({ planner: script.planner });
  script.plans = [aPlan([['a', 'find']])];
  const none = await finish(engine, aRun());
  expect([none.run.status, none.run.error?.code, script.asked.length]).toEqual(['FAILED', 'upstream_error', 2]);
  script.asked.length = 0;
  script.plans = ['a', 'b', 'c', 'd', 'e'].map((id) => aPlan([[id, 'find']]));
  const often = await finish(engine, aRun());
  expect([often.run.status, script.asked.length, service.calls('find')]).toEqual(['FAILED', 3, 4]);
});

test('how often there is another plan can be set', async () => {
  const engine = await anEngine({ planner: script.planner, planning: { maxReplans: 0 } });
  script.plans = ['a', 'b'].map((id) => aPlan([[id, 'find']]));
  const { run } = await finish(engine, aRun());
  expect([run.status, run.error?.code, script.asked.length]).toEqual(['FAILED', 'upstream_error', 1]);
});

test('each answer of a model is charged at once; when the budget is spent, planning ends', async () => {
  const messages: (string | undefined)[] = [];
  const spent: Run['usage'][] = [];
  const cost = { amount: 0.001, currency: 'USD' };
  const spending: Planner<ToolSource> = {
    async plan({ spend }) {
      const usage = { inputTokens: 90, cachedInputTokens: 40, outputTokens: 10, cost };
      for (const _ of [1, 2, 3]) {
        messages.push(spend?.(usage));
        await expect.poll(async () => (await read()).usage.inputTokens, { timeout: 60_000 }).toBe(messages.length * 90);
        spent.push((await read()).usage);
      }
      return { kind: 'none', code: 'model_failed', reason: messages[2]!, retryable: false, usage };
    },
  };
  // Of its own: another engine of the database would not have its planner.
  const freshEngines = await startEngines(inject('postgres'));
  const engine = await freshEngines.engine(service.toolbox, { planner: spending });
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ budget: { maxTokens: 250 } }));
  const view = { runId, includeEvents: false, includeToolCalls: false };
  const read = async () => (await engine.getRun(workspaceId, view)).value();
  await follow(engine, workspaceId, runId);
  expect(messages).toEqual([undefined, undefined, 'Models used 300 tokens (maxTokens 250).']);
  expect(spent[0]).toMatchObject({ inputTokens: 90, cachedInputTokens: 40, outputTokens: 10, cost });
  expect(await read()).toMatchObject({
    status: 'NO_SUCCESS',
    error: { code: 'budget_exhausted', message: 'Models used 300 tokens (maxTokens 250).' },
    usage: { inputTokens: 270, cachedInputTokens: 120, outputTokens: 30, cost: { amount: 0.003, currency: 'USD' } },
  });
  await freshEngines.close();
});

test('a model with an unknown price makes the cost of its run unknown', async () => {
  const engine = await anEngine({ planner: script.planner });
  script.plans = [aPlan([['a', 'look']])];
  const { run } = await finish(engine, aRun());
  expect(run.usage).toMatchObject({ inputTokens: 1, outputTokens: 1, priceUnknown: true });
  expect(run.usage.cost).toBeUndefined();
  const withPlan = await finish(engine, aRun({ plan: aPlan([['a', 'look']]) }));
  expect([withPlan.run.usage.cost, withPlan.run.usage.priceUnknown]).toEqual([undefined, undefined]);
});

test('a plan of the caller is executed as it is', async () => {
  const engine = await anEngine({ planner: script.planner });
  script.plans = [aPlan([['b', 'look']])];
  const { run } = await finish(engine, aRun({ plan: aPlan([['a', 'find']]) }));
  expect([run.status, script.asked.length]).toEqual(['FAILED', 0]);
});
