import type { ToolSource } from '@errand/contracts';
import { afterEach, expect, test } from 'vitest';
import { aTool } from '../testing/planning.ts';
import { aSource, ask, cars, endlessTools, sampleThread, toolsOf } from '../testing/sources.ts';
import { createPlannerThreads, type PlannerThreads, type PlannerThreadsOptions } from './planner-threads.ts';

let open: PlannerThreads[] = [];
afterEach(async () => {
  await Promise.all(open.map((planner) => planner.close()));
  open = [];
});
const aPlanner = (options?: Partial<PlannerThreadsOptions>) => {
  const planner = createPlannerThreads({ entry: sampleThread, ...options });
  open.push(planner);
  return planner;
};

test('a plan is made in a thread, which keeps the tools that it has read until their key is another one', async () => {
  const planner = aPlanner();
  const { source, reads } = aSource({ 'w one:1': cars() });
  expect(toolsOf(await planner.plan(ask(source)))).toEqual(['garage_11112222.listCars']);
  expect(toolsOf(await planner.plan(ask(source)))).toEqual(['garage_11112222.listCars']);
  expect(reads).toEqual(['w one:1']);

  const newer = aSource({ 'w one:2': cars('other_11112222') });
  expect(toolsOf(await planner.plan(ask(newer.source)))).toEqual(['other_11112222.listCars']);
  expect(newer.reads).toEqual(['w one:2']);
});

test('complaints of the checker reach the thread, and its errors reach the caller unchanged', async () => {
  const planner = aPlanner({ threads: 1 });
  const { source } = aSource({ a: cars() });
  const complaints = [{ pointer: '/steps/0', message: 'Not this one.' }];
  expect(await planner.plan(ask(source, { check: async () => complaints }))).toMatchObject({
    kind: 'none',
    errors: complaints,
  });
  const trouble = new Error('The database is away.');
  await expect(planner.plan(ask(source, { check: () => Promise.reject(trouble) }))).rejects.toBe(trouble);
  const unreadable: ToolSource = {
    ...source,
    sets: [{ key: 'b', read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(trouble) }) }) }],
  };
  await expect(planner.plan(ask(unreadable))).rejects.toBe(trouble);
  expect((await planner.plan(ask(source))).kind).toBe('plan');
});

test('a plan that takes too long costs the thread, and its own run alone', async () => {
  const planner = aPlanner({ threads: 1, timeoutMs: 4000 });
  const { source } = aSource({ slow: endlessTools() });
  const fast = aSource({ fast: cars() });
  // This job waits for its checker while the thread is killed: it is planned again.
  let checked = 0;
  let firstCheck = () => {};
  let goOn = () => {};
  const waits = new Promise<void>((done) => (firstCheck = done));
  const checkReleased = new Promise<void>((done) => (goOn = done));
  const innocent = planner.plan(
    ask(fast.source, {
      check: async () => {
        if (++checked === 1) {
          firstCheck();
          await checkReleased;
        }
        return [];
      },
    }),
  );
  await waits;
  const killed = await planner.plan(ask(source));
  expect(killed).toMatchObject({
    kind: 'none',
    code: 'plan_failed',
    reason: expect.stringContaining('longer than 4 s'),
  });
  goOn();
  expect(toolsOf(await innocent)).toEqual(['garage_11112222.listCars']);
  expect(checked).toBe(2);
}, 60_000);

test('a plan that takes too much memory ends as one that cannot be made, and the service goes on', async () => {
  const planner = aPlanner({ threads: 1, maxOldGenerationSizeMb: 64 });
  expect(await planner.plan(ask(aSource({ slow: [aTool('slow_11112222.vast')] }).source))).toMatchObject({
    kind: 'none',
    code: 'plan_failed',
    reason: expect.stringContaining('too much memory'),
  });
  expect((await planner.plan(ask(aSource({ a: cars() }).source))).kind).toBe('plan');
}, 60_000);

test('a thread that is not ready in time is replaced once, and then the plan fails', async () => {
  const planner = aPlanner({ startMs: 1 });
  await expect(planner.plan(ask(aSource({ a: cars() }).source))).rejects.toThrow('not ready after 1 ms');
});

test('a service without a model and without another planner refuses to plan, and still searches', async () => {
  const body = new URL('../../dist/threads/serve-plans.js', import.meta.url);
  const entry = new URL(`data:text/javascript,import { servePlans } from "${body}"; await servePlans();`);
  const planner = aPlanner({ entry });
  const { source: tools } = aSource({ a: cars() });
  const draft = await planner.plan(ask(tools));
  expect(draft).toMatchObject({ kind: 'none', code: 'no_plan', retryable: false });
  expect(toolsOf(draft)).toMatch(/^No planner is installed\. Set ERRAND_MODEL_PROVIDER and ERRAND_MODEL/);
  const hits = await planner.search({ tools, text: 'cars', limit: 1, signal: AbortSignal.timeout(10_000) });
  expect(hits).toHaveLength(1);
});

test('tools beyond the limit are refused, and unused sets are dropped', async () => {
  const large = (id: string, bytes: number) => [aTool(`${id}_11112222.listCars`, { description: 'x'.repeat(bytes) })];
  const planner = aPlanner({ threads: 1, maxToolBytes: 100_000 });
  expect(await planner.plan(ask(aSource({ huge: large('huge', 120_000) }).source))).toMatchObject({
    kind: 'none',
    code: 'no_plan',
    reason: expect.stringContaining('Select fewer'),
  });
  const [a, b] = [aSource({ a: large('a', 60_000) }), aSource({ b: large('b', 60_000) })];
  for (const { source } of [a, b, b, a]) await planner.plan(ask(source));
  expect([a.reads, b.reads]).toEqual([['a', 'a'], ['b']]);
});

test('a search is made in a thread, over the tools that plans use there, and names the tools with scores', async () => {
  const planner = aPlanner({ threads: 1 });
  const { source, reads } = aSource({ a: cars(), b: cars('other_11112222') });
  await planner.plan(ask(source));
  const search = (text: string) =>
    planner.search({ tools: source, text, limit: 1, signal: AbortSignal.timeout(10_000) });
  expect(await search('Which cars are there?')).toEqual([
    { name: 'garage_11112222.listCars', score: expect.any(Number) },
  ]);
  expect(await search('ships')).toEqual([]);
  expect(reads).toEqual(['a', 'b']);
});

test('a search over more tools than a thread may keep is refused', async () => {
  const planner = aPlanner({ threads: 1, maxToolBytes: 100 });
  const { source: tools } = aSource({ a: cars() });
  const searching = planner.search({ tools, text: 'cars', limit: 5, signal: AbortSignal.timeout(10_000) });
  await expect(searching).rejects.toMatchObject({ code: 'validation_failed' });
});

test('a run that is aborted lets go at once, and the thread goes on with others', async () => {
  const planner = aPlanner({ threads: 1 });
  const { source } = aSource({ a: cars() });
  const leaving = new AbortController();
  let onCheck = () => {};
  const waits = new Promise<void>((done) => (onCheck = done));
  const check = () => {
    onCheck();
    return new Promise<never>(() => {});
  };
  const abandoned = planner.plan(ask(source, { signal: leaving.signal, check }));
  await waits;
  leaving.abort();
  await expect(abandoned).rejects.toMatchObject({ name: 'AbortError' });
  expect((await planner.plan(ask(source))).kind).toBe('plan');
});

test('a model is asked from the service, for a prompt that the thread wrote, and its tokens are counted', async () => {
  const plan = { goal: 'List', steps: [{ id: 'a', tool: 'garage_11112222.listCars', args: {}, reason: 'List them' }] };
  const prompts: string[] = [];
  const planner = aPlanner({
    model: {
      planning: { maxRepairs: 1, maxOutputTokens: 1000, maxToolsShown: 10, madeBy: 'model:some' },
      ask: async ({ messages }, usage) => {
        prompts.push(JSON.stringify(messages));
        usage.inputTokens += 11;
        usage.outputTokens += 7;
        return { text: JSON.stringify(plan), finish: 'stop' };
      },
    },
  });
  const draft = await planner.plan(ask(aSource({ a: cars() }).source));
  expect(toolsOf(draft)).toEqual(['garage_11112222.listCars']);
  // The price is unknown.
  expect(draft.usage).toEqual({ inputTokens: 11, outputTokens: 7, cost: null });
  expect(prompts).toHaveLength(1);
  expect(prompts[0]).toContain('garage_11112222.listCars');
});

test('data is delimited alike for all runs of a workspace with the same tools on a day, and for no others', async () => {
  const keys: (string | undefined)[] = [];
  const planner = aPlanner({
    secret: () => Buffer.alloc(32, 7),
    model: {
      planning: { maxRepairs: 0, maxOutputTokens: 1000, maxToolsShown: 10, madeBy: 'model:some' },
      ask: async ({ system }) => {
        keys.push(/key of this conversation is (\w+)/.exec(system)?.[1]);
        return { text: '{"none": "no"}', finish: 'stop' };
      },
    },
  });
  const { source } = aSource({ a: cars() });
  await planner.plan(ask(source, { intent: 'One', now: '2031-05-01T08:00:00.000Z' }));
  await planner.plan(ask(source, { intent: 'Another', now: '2031-05-01T09:00:00.000Z' }));
  await planner.plan(ask(source, { now: '2031-05-02T09:00:00.000Z' }));
  await planner.plan(ask(aSource({ b: cars() }).source));
  await planner.plan(ask(aSource({ a: cars() }, 'other').source));
  expect(keys[0]).toMatch(/^[0-9a-f]{24}$/);
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(4);
});
