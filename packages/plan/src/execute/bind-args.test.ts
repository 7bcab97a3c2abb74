import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner, type Step } from '../testing/run-a-plan.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const rows = done({ items: [{ id: 'a' }, { id: 'b' }] });
const get = (id: Json, more: Json = {}): Step => ({ id: 'one', tool: 'get', args: { path: { id }, query: more } });

test.for<[what: string, step: Step, code: string, message: string, detail?: string]>([
  [
    'an argument of the wrong type',
    get({ $: 'steps.list.output.items' }),
    'tool_args_invalid',
    '"get" at CRM was not called, because its arguments do not fit: "id" must be string',
    'bound to `steps.list.output.items`',
  ],
  [
    'an unknown argument',
    { id: 'one', tool: 'get', args: { path: { id: 'x', key: 'y' } } },
    'tool_args_invalid',
    'is not a known property; allowed: id',
  ],
  [
    'a required argument that no input gives',
    get({ $: 'input.id' }),
    'tool_args_invalid',
    '"id" is required, and nothing gives it',
    '`input.id` gives no value',
  ],
  [
    'something that was not found',
    get({ $: 'steps.list.output.items[9].id' }),
    'nothing_found',
    '"get" at CRM was not done: "find" at CRM gave nothing that fits.',
    '`steps.list.output.items[9].id` gives no value',
  ],
  [
    'a filter that was not found',
    get('x', { of: { $: 'steps.list.output.items[id="z"].id' } }),
    'nothing_found',
    '"find" at CRM gave nothing that fits.',
    '`steps.list.output.items[id="z"].id` gives no value',
  ],
  [
    'a plan that refuses',
    get({ $: "$exists(steps.list.output.items[id='z']) ? 'z' : $refuse('There is no thing named Z.')" }),
    'nothing_found',
    'There is no thing named Z.',
  ],
  [
    'a fault in an expression',
    get({ $: '1 + steps.list.output.items[0].id' }),
    'expression_failed',
    'The step "get" at CRM could not be prepared: its argument "id" could not be computed, because a value has the wrong type.',
    '`1 + steps.list.output.items[0].id` fails at character',
  ],
  ['a tool that is not there', { id: 'one', tool: 'gone' }, 'tool_not_allowed', 'not among those'],
])('%s fails the step without a call', async ([_name, step, code, words, detail]) => {
  const { end, calls } = await run(aPlan([{ id: 'list' }, step]), { list: rows });
  expect(end.steps.get('one')).toMatchObject({
    state: 'failed',
    error: { code, message: expect.stringContaining(words) },
  });
  if (detail !== undefined) {
    const [first] = end.steps.get('one')!.error!.errors!;
    expect(first).toMatchObject({
      pointer: expect.stringMatching(/^\/steps\/1\/args\//),
      message: expect.stringContaining(detail),
    });
  }
  expect(end.steps.get('one')!.error!.message).not.toMatch(/`|steps\.|\$/);
  expect(calls).toEqual(['list']);
});

test('an optional argument is left out when no input gives it or an object lacks the field', async () => {
  const step = get('x', { a: { $: 'input.a' }, b: { $: 'steps.list.output.items[0].phone' }, c: 1 });
  const { end } = await run(aPlan([{ id: 'list' }, step]), { list: rows });
  expect(end.result).toEqual({ path: { id: 'x' }, query: { c: 1 } });
});

test('fills get the prompt, the schema of the value and the outputs before, and their results are data', async () => {
  const plan = aPlan(
    [
      { id: 'list' },
      { id: 'other' },
      {
        id: 'one',
        tool: 'get',
        dependsOn: ['list'],
        args: { path: { id: { $fill: 'which' } }, query: { n: { $: 'steps.list.output.items' } } },
      },
    ],
    { text: { $fill: 'sum up' }, id: { $: 'steps.one.output.path.id' } },
  );
  const asks: Json[] = [];
  const fill = async (ask: object) => {
    asks.push(JSON.parse(JSON.stringify(ask)));
    return { kind: 'done', values: [{ value: asks.length === 1 ? 'b' : { $: 'intent' } }] } as const;
  };
  const { end, outputOf } = await run(plan, { list: done({ items: [{ $fill: 'trap' }] }), other: done(1) }, { fill });
  expect(asks).toMatchObject([
    {
      stepId: 'one',
      values: [{ iteration: null, pointer: '/path/id', prompt: 'which', schema: { type: 'string' } }],
      outputs: { list: '{"items":[{"$fill":"trap"}]}' },
    },
    { stepId: null, values: [{ pointer: '/text', prompt: 'sum up' }] },
  ]);
  expect(asks[0]).not.toHaveProperty('outputs.other');
  expect(end.result).toEqual({ text: { $: 'intent' }, id: 'b' });
  expect(outputOf('one')).toMatchObject({ query: { n: [{ $fill: 'trap' }] } });
});

test('a value that a model filled in is checked like any other', async () => {
  const fill = async () => ({ kind: 'done', values: [{ value: 5 }] }) as const;
  const { end } = await run(aPlan([get({ $fill: 'which' })]), {}, { fill });
  expect(end.steps.get('one')).toMatchObject({ state: 'failed', error: { code: 'tool_args_invalid' } });
});

test('arguments that bind more than 1 MiB in all are not sent', async () => {
  const half = 'x'.repeat(600 * 1024);
  const step = get('x', { a: { $: 'steps.list.output.text' }, b: { $: 'steps.list.output.text' } });
  const { end, calls } = await run(aPlan([{ id: 'list' }, step]), { list: done({ text: half }) });
  expect(end.steps.get('one')).toMatchObject({
    state: 'failed',
    error: { code: 'tool_args_invalid', message: expect.stringContaining('gives more than 1 MiB') },
  });
  expect(calls).toEqual(['list']);
});
