// The budget of a plan: processor time of its own turns.

import type { Model } from '@errand/ports/model';
import { expect, onTestFinished, test } from 'vitest';
import { aSource, ask, cars, gate, sampleThread, toolsOf } from '../testing/sources.ts';
import { createPlannerThreads, type PlannerThreadsOptions } from './planner-threads.ts';
import { limitText, TurnTimer, timeLeft } from './turn-timer.ts';

const CARS = ['garage_11112222.listCars'];

function aPlanner(options?: Partial<PlannerThreadsOptions>) {
  const planner = createPlannerThreads({ entry: sampleThread, ...options });
  onTestFinished(() => planner.close());
  return planner;
}

test('a plan beyond its budget is refused, with the budget and the number of tools', async () => {
  const planner = aPlanner({ planMs: 0 });
  const draft = await planner.plan(ask(aSource({ a: cars('garage_11112222', 18) }).source));
  expect(draft).toMatchObject({ kind: 'none', code: 'plan_failed', retryable: false });
  expect(toolsOf(draft)).toBe(
    'Planning took more than 0 s of processor time over 19 tools and was stopped. Shorten the intent and the context, or select fewer integrations.',
  );
});

test('over more than 200 tools a plan has the larger budget', async () => {
  const planner = aPlanner({ planMs: 0.001, largePlanMs: 60_000 });
  expect(toolsOf(await planner.plan(ask(aSource({ a: cars('garage_11112222', 200) }).source)))).toEqual(CARS);
  expect(toolsOf(await planner.plan(ask(aSource({ b: cars('garage_11112222', 199) }).source)))).toContain(
    'over 200 tools',
  );
});

test('a search has a budget, too', async () => {
  const planner = aPlanner({ planMs: 0 });
  const { source: tools } = aSource({ a: cars() });
  const searching = planner.search({ tools, text: 'cars', limit: 1, signal: new AbortController().signal });
  await expect(searching).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('more than 0 s of processor time over 1 tool'),
  });
});

test('reading tools does not count against the budget of a plan', async () => {
  const planner = aPlanner({ threads: 1, planMs: 400, largePlanMs: 400 });
  // Reading this many takes longer than the budget, and planning over them less.
  const tools = cars('garage_11112222', 3000);
  const { source } = aSource({ a: tools });
  expect(toolsOf(await planner.plan(ask(source)))).toEqual(CARS);
}, 120_000);

test('waiting for the checker does not count', async () => {
  const planner = aPlanner({ threads: 1, planMs: 700 });
  const [waits, goesOn] = [gate(), gate()];
  const plan = planner.plan(
    ask(aSource({ a: cars() }, 'waits').source, {
      check: async () => {
        waits.open();
        await goesOn.opened;
        return [];
      },
    }),
  );
  await waits.opened;
  const from = performance.now();
  const { source } = aSource({ b: cars() }, 'other');
  // Longer than the budget by the clock, which is five times as much.
  while (performance.now() - from < 4000) await planner.plan(ask(source));
  goesOn.open();
  expect(toolsOf(await plan)).toEqual(CARS);
});

test('the turns of a plan with a model count together, and waiting for the model does not', async () => {
  const askTimes: number[] = [];
  const [waits, goesOn] = [gate(), gate()];
  const model = (text: () => string): Model => ({
    planning: { maxRepairs: 1000, maxOutputTokens: 1000, maxToolsShown: 10, madeBy: 'model:some' },
    ask: async () => {
      askTimes.push(performance.now());
      if (askTimes.length === 1) {
        waits.open();
        await goesOn.opened;
      }
      return { text: text(), finish: 'stop' };
    },
  });
  // Each answer is unusable, and takes some time to read.
  const planner = aPlanner({ planMs: 500, model: model(() => `${askTimes.length}${'{ '.repeat(200_000)}`) });
  const planning = planner.plan(ask(aSource({ a: cars() }).source));
  await waits.opened;
  goesOn.open();
  expect(toolsOf(await planning)).toMatch(/more than (?:0\.5 s of processor time|2\.5 s by the clock) over 1 tool and/);
  expect(askTimes.length).toBeGreaterThan(1);
}, 120_000);

test('where the system reports no processor time, time by the clock counts', () => {
  const timer = new TurnTimer(undefined);
  const from = performance.now();
  while (performance.now() - from < 5) {}
  const { time } = timer;
  expect(time.usedMs).toBeGreaterThanOrEqual(5);
  expect(time.usedMs).toBe(time.clockMs);
  expect(timeLeft(5, time)).toBeLessThanOrEqual(0);
  expect(limitText(2000, { usedMs: 2000, clockMs: 2000 }, false)).toBe('2 s');
});

test('where it does, work may take five times as long by the clock', () => {
  expect(timeLeft(2000, { usedMs: 100, clockMs: 9000 })).toBe(1000);
  expect(timeLeft(2000, { usedMs: 100, clockMs: 10_000 })).toBe(0);
  expect(limitText(2000, { usedMs: 100, clockMs: 10_000 }, true)).toBe('10 s by the clock');
});
