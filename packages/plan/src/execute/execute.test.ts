import { getEventListeners } from 'node:events';
import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';
import type { CallOutcome, Invocation } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const broken: CallOutcome = { kind: 'failed', code: 'upstream_error', message: 'The service answered 500.' };
const rows = done({ items: [{ id: 'a' }, { id: 'b' }] });
const each = {
  id: 'each',
  tool: 'get',
  forEach: { $: 'steps.list.output.items' },
  args: { path: { id: { $: 'item.id' } }, query: { n: { $: 'index' } } },
};

test('outputs flow into later steps and into the result', async () => {
  const plan = aPlan(
    [{ id: 'list' }, { id: 'one', tool: 'get', args: { path: { id: { $: 'steps.list.output.items[1].id' } } } }],
    { got: { $: 'steps.one.output.path.id' } },
  );
  const { end, calls } = await run(plan, { list: rows });
  expect(end).toMatchObject({ state: 'finished', result: { got: 'b' }, partial: false });
  expect(calls).toEqual(['list', 'one']);
});

test('forEach runs once for each item and keeps their order', async () => {
  const slowFirst = async (args: Json) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return done(args);
  };
  const { end, calls } = await run(aPlan([{ id: 'list' }, each]), { list: rows, 'each.0': slowFirst });
  expect(calls).toEqual(['list', 'each.0', 'each.1']);
  expect(end.result).toEqual([
    { path: { id: 'a' }, query: { n: 0 } },
    { path: { id: 'b' }, query: { n: 1 } },
  ]);
});

test.each<[string, string, Json]>([
  ['nothing', 'input.none', []],
  ['null', 'null', []],
  ['an empty list', '[]', []],
  ['a single value', '"x"', [{ query: { q: 'x' } }]],
])('forEach over %s', async (_name, $, output) => {
  const { end } = await run(aPlan([{ id: 'each', forEach: { $ }, args: { query: { q: { $: 'item' } } } }]));
  expect(end).toMatchObject({ state: 'finished', result: output });
});

test('forEach over more items than allowed fails before the first call', async () => {
  const { end, calls } = await run(aPlan([{ id: 'each', forEach: { $: '[1..11]' } }]), {}, { maxForEach: 10 });
  expect(end.steps.get('each')).toMatchObject({ state: 'failed', error: { code: 'expression_failed' } });
  expect(calls).toEqual([]);
});

test('independent steps run side by side, never more than the concurrency', async () => {
  let running = 0;
  let peak = 0;
  const busy = async () => {
    running += 1;
    peak = Math.max(peak, running);
    await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    return done(null);
  };
  await run(
    aPlan([{ id: 'a' }, { id: 'each', forEach: { $: '[1..9]' } }]),
    { a: busy, each: busy },
    { concurrency: 3 },
  );
  expect(peak).toBe(3);
});

test('a failed step blocks its dependents, others go on, and the result is partial', async () => {
  const plan = aPlan(
    [
      { id: 'bad' },
      { id: 'after', args: { query: { x: { $: 'steps.bad.output.x' } } } },
      { id: 'later', dependsOn: ['after'] },
      { id: 'other' },
    ],
    { bad: { $: 'steps.bad.output' }, other: { $: 'steps.other.output' } },
  );
  const { end, states, calls } = await run(plan, { bad: broken, other: done(1) });
  expect(states).toEqual({ bad: 'failed', after: 'blocked', later: 'blocked', other: 'done' });
  expect(calls.sort()).toEqual(['bad', 'other']);
  expect(end).toMatchObject({ state: 'finished', partial: true, result: { bad: null, other: 1 } });
});

test('one failed item fails the step and keeps the outputs of the others', async () => {
  const { end, outputOf } = await run(aPlan([{ id: 'list' }, each]), { list: rows, 'each.0': broken });
  expect(end.steps.get('each')).toMatchObject({ state: 'failed', error: { code: 'upstream_error' } });
  expect(outputOf('each')).toMatchObject([null, { path: { id: 'b' } }]);
});

test('a step with a false condition is skipped, and so are steps that need its output', async () => {
  const plan = aPlan([
    { id: 'maybe', when: { $: 'input.list' } },
    { id: 'needs', args: { query: { x: { $: 'steps.maybe.output.id' } } } },
    { id: 'ordered', dependsOn: ['maybe'] },
  ]);
  const { states, calls, end } = await run(plan);
  expect(states).toEqual({ maybe: 'skipped', needs: 'skipped', ordered: 'done' });
  expect(calls).toEqual(['ordered']);
  expect(end.partial).toBe(false);
});

test('a waiting step lets the others go on and leaves its dependents pending', async () => {
  const plan = aPlan([
    { id: 'ask' },
    { id: 'after', dependsOn: ['ask'] },
    { id: 'other' },
    { id: 'more', dependsOn: ['other'] },
  ]);
  const { end, states, calls } = await run(plan, { ask: { kind: 'waiting' } });
  expect(states).toEqual({ ask: 'waiting', after: 'pending', other: 'done', more: 'done' });
  expect(calls.sort()).toEqual(['ask', 'more', 'other']);
  expect(end.state).toBe('waiting');
  expect(end).not.toHaveProperty('result');
});

test('run again with recorded outcomes, a plan makes the same calls with the same arguments', async () => {
  const plan = aPlan([{ id: 'list' }, each, { id: 'time', args: { query: { at: { $: '$now()' } } } }]);
  const callsOf = async () => {
    const calls: [string, Json][] = [];
    const call = async (invocation: Invocation) => {
      calls.push([invocation.toolCallId, invocation.args]);
      return invocation.step.id === 'list' ? rows : done(null);
    };
    await run(plan, {}, { call });
    return calls.sort();
  };
  expect(await callsOf()).toEqual(await callsOf());
});

test('a denied call denies its step and blocks its dependents', async () => {
  const { states } = await run(aPlan([{ id: 'ask' }, { id: 'after', dependsOn: ['ask'] }]), {
    ask: { kind: 'denied', code: 'canceled', message: 'No.' },
  });
  expect(states).toEqual({ ask: 'denied', after: 'blocked' });
});

test('when a call says stopped nothing more is asked for and calls under way are not waited for', async () => {
  const never = () => new Promise<CallOutcome>(() => {});
  const plan = aPlan([{ id: 'lost' }, { id: 'slow' }, { id: 'after', dependsOn: ['lost'] }]);
  const { end, calls } = await run(plan, { lost: { kind: 'stopped' }, slow: never });
  expect(end.state).toBe('stopped');
  expect(calls).not.toContain('after');
});

test('a plan that has ended listens to its signal no more, so that its answers can be collected', async () => {
  const { signal } = new AbortController();
  await run(aPlan([{ id: 'a' }]), {}, { signal });
  await run(aPlan([{ id: 'a' }]), { a: broken }, { signal });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an aborted signal stops a plan', async () => {
  const controller = new AbortController();
  const wait = () => new Promise<CallOutcome>(() => controller.abort());
  expect((await run(aPlan([{ id: 'a' }]), { a: wait }, { signal: controller.signal })).end.state).toBe('stopped');
  expect((await run(aPlan([{ id: 'a' }]), {}, { signal: AbortSignal.abort() })).calls).toEqual([]);
});

test('an error of a call ends the plan with that error', async () => {
  await expect(
    run(aPlan([{ id: 'a' }, { id: 'b' }]), { a: () => Promise.reject(new Error('no database')) }),
  ).rejects.toThrow('no database');
});

test('onStep is called for each step before its dependents start', async () => {
  const order: string[] = [];
  const call = async ({ toolCallId }: Invocation) => {
    order.push(`call ${toolCallId}`);
    return done(null);
  };
  const onStep = async (step: { id: string }, end: { state: string }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push(`${step.id} ${end.state}`);
  };
  await run(aPlan([{ id: 'a' }, { id: 'b', dependsOn: ['a'] }]), {}, { call, onStep });
  expect(order).toEqual(['call a', 'a done', 'call b', 'b done']);
});

test('an error in the result is reported together with the ends of the steps', async () => {
  const { end } = await run(aPlan([{ id: 'a' }], { $: '1 + intent' }));
  expect(end).toMatchObject({
    state: 'finished',
    resultError: {
      code: 'expression_failed',
      message: 'The result could not be put together: it could not be computed, because a value has the wrong type.',
      errors: [{ pointer: '/result', message: '`1 + intent` fails at character 3.' }],
    },
  });
  expect(end.steps.get('a')?.state).toBe('done');
});

test.each([
  [
    'made of many parts',
    aPlan(
      [{ id: 'a' }],
      Array.from({ length: 8 }, () => ({ $: 'steps.a.output' })),
    ),
  ],
  ['of a step that is taken for many items', aPlan([{ id: 'a', forEach: { $: '[1..8]' } }])],
])('a result %s that together are over 1 MiB is reported as too large, beside what was done', async (_, plan) => {
  const { end } = await run(plan, { a: done('x'.repeat(200_000)) });
  expect(end).toMatchObject({
    state: 'finished',
    resultError: {
      code: 'expression_failed',
      message: 'The result gives more than 1 MiB; select fewer fields or items.',
    },
  });
  expect(end).not.toHaveProperty('result');
  expect(end.steps.get('a')?.state).toBe('done');
});
