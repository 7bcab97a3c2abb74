// A planner that looks, and makes no other plan: it is asked once more where its plan found nothing.

import type { Plan, PlanRequest, ToolSource } from '@errand/contracts';
import type { Planner } from '@errand/ports/planner';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let plans: object[];
let requests: PlanRequest<ToolSource>[];

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  requests = [];
  service.seen.length = 0;
});

/** Answers with the next plan that passes. */
const planner: Planner<ToolSource> = {
  looks: true,
  async plan(request) {
    requests.push(request);
    const usage = { inputTokens: 10, outputTokens: 1 };
    for (let next = plans.shift(); next; next = plans.shift()) {
      const faults = await request.check(next);
      if (faults.length === 0) return { kind: 'plan', plan: next as Plan, usage, madeBy: 'test' };
    }
    return { kind: 'none', code: 'no_plan', reason: 'What was read does not tell it.', retryable: false, usage };
  },
};
const start = () => engines.engine(service.toolbox, { planner, workers: { watchMs: 50, tickMs: 50 } });
const steps = (...list: Parameters<typeof aPlan>[0]) => aPlan(list) as Plan;
const looking = (...list: Parameters<typeof aPlan>[0]) => ({ ...steps(...list), then: 'plan' });

const missing = (before: Parameters<typeof aPlan>[0] = []) => {
  const plan = steps(...before, ['a', 'find']);
  Object.assign(plan.steps.at(-1)!, { args: { x: { $: '$refuse("There is no desk named S-02.")' } } });
  return plan;
};

test('is asked again after its plan found nothing and changed nothing', async () => {
  const engine = await start();
  plans = [missing(), looking(['b', 'find', { all: 'desks' }]), steps(['c', 'look', { desk: 'd1' }])];
  const { run } = await finish(engine, aRun());
  expect([run.status, requests.length]).toEqual(['SUCCESS', 3]);
  expect(requests[1]).toMatchObject({
    mayLook: true,
    previous: { failures: [{ code: 'nothing_found', message: 'There is no desk named S-02.' }] },
  });
  expect(requests[2]!.previous).toMatchObject({ looked: true, outputs: { b: '{"echo":{"all":"desks"}}' } });
});

test('and the run ends as it had, where there is no other plan', async () => {
  const engine = await start();
  const error = { code: 'nothing_found', message: 'There is no desk named S-02.' };
  plans = [missing()];
  expect((await finish(engine, aRun())).run).toMatchObject({ status: 'NO_SUCCESS', error });
  plans = [missing(), looking(['b', 'find'])];
  expect((await finish(engine, aRun())).run).toMatchObject({ status: 'NO_SUCCESS', error });
});

test.each([
  ['something was changed', () => missing([['w', 'make', {}]])],
  ['the service failed', () => steps(['a', 'put'])],
])('is not asked again where %s', async (_, plan) => {
  const engine = await start();
  service.behaviours.put = (_, __, response) => {
    response.statusCode = 404;
    return {};
  };
  plans = [plan(), steps(['c', 'look'])];
  const { run } = await finish(engine, aRun());
  delete service.behaviours.put;
  expect([run.status === 'SUCCESS', requests.length]).toEqual([false, 1]);
});
