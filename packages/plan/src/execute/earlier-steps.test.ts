// A plan continues from the steps of an earlier run.
import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, runner } from '../testing/run-a-plan.ts';
import { toOutput } from './output.ts';
import type { EarlierSteps } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const EARLIER = '2026-01-01T00:00:00.000Z';
/** The calls of an earlier run, by id. `more`: steps that it had begun, or that have no calls. */
const earlier = (outputs: Record<string, Json>, done: string[], more: string[] = []): { earlier: EarlierSteps } => ({
  earlier: {
    nowOf: (id) => (done.includes(id) || more.includes(id) ? EARLIER : undefined),
    isDone: (id) => done.includes(id),
    outcomeOf: (id) => (id in outputs ? { kind: 'done', output: toOutput(outputs[id]!) } : undefined),
  },
});

test('steps of the earlier run are not called, and the others read their outputs', async () => {
  const plan = aPlan([
    { id: 'a', args: { query: { q: 1 } } },
    { id: 'b', args: { query: { q: { $: 'steps.a.output.n + 1' } } } },
  ]);
  const { calls, outputOf, states } = await run(plan, {}, earlier({ a: { n: 7 } }, ['a']));
  expect(calls).toEqual(['b']);
  expect(states).toEqual({ a: 'done', b: 'done' });
  expect([outputOf('a'), outputOf('b')]).toEqual([{ n: 7 }, { query: { q: 8 } }]);
});

test('they compute with the moment of the earlier run, the other steps with that of this run', async () => {
  const query = { q: { $: 'now' } };
  const before = { $: `now < "2026-01-15"` };
  const plan = aPlan([
    { id: 'done', args: {}, when: before },
    { id: 'left', args: { query: {} }, when: { $: 'now > "2026-01-15"' } },
    { id: 'begun', args: { query }, when: before },
    { id: 'again', args: { query } },
  ]);
  const { calls, outputOf, states } = await run(plan, {}, earlier({ done: 1 }, ['done', 'left'], ['begun']));
  expect(states).toEqual({ done: 'done', left: 'skipped', begun: 'done', again: 'done' });
  expect(calls.sort()).toEqual(['again', 'begun']);
  expect([outputOf('begun'), outputOf('again')]).toEqual([
    { query: { q: EARLIER } },
    { query: { q: '2026-01-31T09:30:00.000Z' } },
  ]);
});

test('of a list that the earlier run had begun, only the missing calls are made', async () => {
  const plan = aPlan([
    { id: 'list', args: {} },
    { id: 'each', args: { query: { q: { $: 'item' } } }, forEach: { $: 'steps.list.output' } },
  ]);
  const outputs = { list: ['x', 'y', 'z'], 'each.0': 'X', 'each.2': 'Z' };
  const { calls, outputOf } = await run(plan, {}, earlier(outputs, ['list'], ['each']));
  expect(calls).toEqual(['each.1']);
  expect(outputOf('each')).toEqual(['X', { query: { q: 'y' } }, 'Z']);
});

test('pages of the earlier run are read back, and a missing page is not requested', async () => {
  const pages = { into: '/query/page', next: { $: 'page.next' }, items: { $: 'page.items' }, max: 5 };
  const plan = aPlan([{ id: 'list', args: { query: {} }, pages }]);
  const outputs = { list: { items: [1, 2], next: 2 }, 'list.p2': { items: [3], next: 3 }, 'list.p3': { items: [] } };
  const all = await run(plan, {}, earlier(outputs, ['list']));
  expect([all.calls, all.outputOf('list')]).toEqual([[], [1, 2, 3]]);
  const { 'list.p3': _, ...two } = outputs;
  const some = await run(plan, {}, earlier(two, ['list']));
  expect([some.calls, some.end.steps.get('list')]).toMatchObject([
    [],
    { state: 'failed', error: { code: 'output_unknown' } },
  ]);
});

test('arguments of earlier calls are not checked again: their tool may have changed', async () => {
  const plan = aPlan([{ id: 'a', tool: 'get', args: { path: { id: { $: '1 + 1' } } } }]);
  expect((await run(plan)).states).toEqual({ a: 'failed' });
  expect((await run(plan, {}, earlier({ a: 1 }, ['a']))).states).toEqual({ a: 'done' });
});

test('a step that ends the plan now does not undo a step that was done in the earlier run', async () => {
  const plan = aPlan([
    { id: 'check', args: {}, unless: { $: 'now > "2026-01-15"' }, say: 'Nothing to do.' },
    { id: 'kept', args: {} },
    { id: 'begun', args: {} },
  ]);
  const { calls, states } = await run(plan, {}, earlier({ kept: 1 }, ['kept'], ['begun']));
  expect([calls, states]).toEqual([[], { check: 'failed', kept: 'done', begun: 'blocked' }]);
});
