import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';
import { type WithTexts, withTextsInMemory } from './output.ts';
import type { CallOutcome } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const objects = (bytes: number): CallOutcome => {
  const text = `[${'{},'.repeat(bytes / 3 - 1)}{}]`;
  return { kind: 'done', output: { text, bytes: text.length } };
};
const all = objects(34 * 2 ** 20);
const quarter = objects(9 * 2 ** 20);

// V8 makes more of 34 MiB of such text than a thread's limit before it checks: that ended the whole process.
test.each([
  ['a condition', { when: { $: '$count(steps.a.output) > 0' } }],
  ['a list', { forEach: { $: 'steps.a.output.x' } }],
  ['an argument', { args: { query: { n: { $: '$count(steps.a.output)' } } } }],
  ['many steps', { when: { $: '$count(steps.*) > 0' }, dependsOn: ['q0', 'q1', 'q2', 'q3'] }],
])('%s that would read 34 MiB of outputs fails, and nothing else', async (_, step) => {
  const { end } = await run(aPlan([...['a', 'q0', 'q1', 'q2', 'q3'].map((id) => ({ id })), { id: 'b', ...step }]), {
    a: all,
    q0: quarter,
    q1: quarter,
    q2: quarter,
    q3: quarter,
  });
  expect(end.steps.get('b')).toMatchObject({
    state: 'failed',
    error: { code: 'expression_failed', message: expect.stringContaining('reads more than 8 MiB of outputs') },
  });
});

test('a result that would read them fails, too, and so does one that is all of the last', async () => {
  for (const [result, message] of [
    [{ n: { $: '$count(steps.a.output)' } }, 'reads more than 8 MiB of outputs'],
    [undefined, 'gives more than 1 MiB'],
  ] as const) {
    const { end } = await run(aPlan([{ id: 'a' }], result), { a: all });
    expect(end.resultError).toMatchObject({ code: 'expression_failed', message: expect.stringContaining(message) });
  }
});

test('only outputs that an expression names are loaded', async () => {
  const outputCounts: number[] = [];
  const withTexts: WithTexts = (outputs, use) => {
    outputCounts.push(outputs.length);
    return withTextsInMemory(outputs, use);
  };
  const plan = aPlan([{ id: 'a' }, { id: 'b' }, { id: 'c', args: { query: { n: { $: 'steps.b.output.n' } } } }], {
    n: { $: 'steps.c.output.query.n' },
  });
  const { end } = await run(plan, { a: all, b: done({ n: 7 }) }, { withTexts });
  expect(end.result).toEqual({ n: 7 });
  expect(Math.max(...outputCounts)).toBe(1);
});

test('a path into a large output is read in a child and has the same value', async () => {
  const output = done({ text: 'x'.repeat(200_000), deep: [{ id: 'a' }, { id: 'b' }] });
  const plan = aPlan([{ id: 'a' }], {
    id: { $: 'steps.a.output.deep[1].id' },
    none: { $: 'steps.a.output.deep[2].id' },
  });
  const { end } = await run(plan, { a: output });
  expect(end.result).toEqual({ id: 'b', none: null });
});

test('an optional argument from a missing field is left out with a large output, as with a small one', async () => {
  const step = { id: 'b', args: { query: { n: { $: 'steps.a.output.none' }, m: 1 } } };
  for (const text of ['x', 'x'.repeat(200_000)]) {
    const { outputOf } = await run(aPlan([{ id: 'a' }, step]), { a: done({ text }) });
    expect(outputOf('b')).toEqual({ query: { m: 1 } });
  }
});

test('the total size of the values of a result is bounded before it is returned', async () => {
  const parts = Array.from({ length: 6 }, (_, i) => [`p${i}`, { $: "steps.a.output & ''" }]);
  const { end } = await run(aPlan([{ id: 'a' }], Object.fromEntries(parts)), { a: done('x'.repeat(800_000)) });
  expect(end.resultError?.message).toMatch(
    /its part "p5" could not be computed, because it gives too much together with the other values/,
  );
});

test('a list of objects counts by its memory', async () => {
  const { end } = await run(aPlan([{ id: 'a' }], { all: { $: 'steps.a.output' } }), { a: objects(255 * 1024) });
  expect(end.resultError?.message).toContain('gives more than 1 MiB');
});

test('a model gets the beginning of each output, the same each time', async () => {
  const asks: { outputs: Readonly<Record<string, string>> }[] = [];
  const plan = aPlan([{ id: 'a' }, { id: 'b' }], { text: { $fill: 'sum up' } });
  const fill = async (ask: (typeof asks)[number]) => {
    asks.push(ask);
    return { kind: 'done', values: [{ value: 'fine' }] } as const;
  };
  for (let i = 0; i < 2; i++) await run(plan, { a: quarter, b: done({ n: 1 }) }, { fill });
  expect(asks[0]!.outputs.b).toBe('{"n":1}');
  expect(asks[0]!.outputs.a!.length).toBe(64 * 1024);
  expect(asks[1]!.outputs).toEqual(asks[0]!.outputs);
});
