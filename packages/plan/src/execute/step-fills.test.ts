import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';
import type { FillBatch } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const texts = { subject: { $fill: 'a subject' }, body: { $fill: 'a text' }, n: { $: 'index' } };
const each = { id: 'each', dependsOn: ['list'], forEach: { $: 'steps.list.output' }, args: { query: texts } };
const people = (count: number, name = 'p') => done(Array.from({ length: count }, (_, n) => ({ name: `${name}${n}` })));

/** Answers each value with its prompt; a value for an item named `bad` gets none. */
function aModel() {
  const asks: FillBatch[] = [];
  const fill = async (ask: FillBatch) => {
    asks.push(ask);
    const values = ask.values.map(({ prompt, item = '{}' }) => {
      const { name } = JSON.parse(item) as { name?: string };
      return name === 'bad1'
        ? { failed: { code: 'model_failed', message: 'Unknown.' } }
        : { value: `${prompt} ${name}` };
    });
    return { kind: 'done', values } as const;
  };
  return { asks, fill };
}

test('all values of one call are asked for together', async () => {
  const { asks, fill } = aModel();
  const { outputOf } = await run(aPlan([{ id: 'one', args: { query: { ...texts, n: 1 } } }]), {}, { fill });
  expect(asks).toHaveLength(1);
  expect(asks[0]!.values.map(({ pointer, iteration }) => [pointer, iteration])).toEqual([
    ['/query/subject', null],
    ['/query/body', null],
  ]);
  expect(outputOf('one')).toEqual({ query: { subject: 'a subject undefined', body: 'a text undefined', n: 1 } });
});

test('inside forEach they see their item, and a bounded number of items is asked for together', async () => {
  const { asks, fill } = aModel();
  const { outputOf } = await run(aPlan([{ id: 'list' }, each]), { list: people(23) }, { fill });
  expect(asks.map(({ values }) => values.length)).toEqual([20, 20, 6]);
  expect(asks[1]!.values[1]).toMatchObject({ iteration: 10, item: '{"name":"p10"}', prompt: 'a text' });
  expect((outputOf('each') as Json[])[22]).toEqual({ query: { subject: 'a subject p22', body: 'a text p22', n: 22 } });
});

test('large items are asked for alone', async () => {
  const { asks, fill } = aModel();
  await run(aPlan([{ id: 'list' }, each]), { list: people(3, 'x'.repeat(60_000)) }, { fill });
  expect(asks.map(({ values }) => values.length)).toEqual([2, 2, 2]);
});

test('a plan that runs again asks for the same values together', async () => {
  const [first, second] = [aModel(), aModel()];
  for (const { fill } of [first, second]) await run(aPlan([{ id: 'list' }, each]), { list: people(15) }, { fill });
  expect(second.asks).toEqual(first.asks);
});

test('a value that the model cannot fill fails its item alone', async () => {
  const { fill } = aModel();
  const { end, calls } = await run(aPlan([{ id: 'list' }, each]), { list: people(3, 'bad') }, { fill });
  expect(end.steps.get('each')).toMatchObject({
    state: 'failed',
    error: { code: 'model_failed', message: 'Unknown.' },
  });
  expect(calls).toEqual(['list', 'each.0', 'each.2']);
});
