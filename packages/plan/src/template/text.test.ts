import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner, type Step } from '../testing/run-a-plan.ts';
import { expressionsInText, parseText } from './text.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const account = {
  name: 'Contoso',
  tags: ['a', 'b'],
  size: 12,
  open: true,
  owner: { id: 'u1' },
  note: null,
  nick: '{{now}}',
};
const writing = ($text: string, more: Partial<Step> = {}) =>
  aPlan([
    { id: 'account' },
    { id: 'write', tool: 'get', args: { path: { id: 'x' }, query: { subject: { $text } } }, ...more },
  ]);

test.each<[text: string, written: string]>([
  ['Call {{steps.account.output.name}} today', 'Call Contoso today'],
  ['{{ steps.account.output.name }}/{{ steps.account.output.size * 2 }}', 'Contoso/24'],
  ['{{steps.account.output.open}}: {{steps.account.output.tags}}', 'true: a, b'],
  ["{{$count([{'a': {'b': '}}'}}])}} thing", '1 thing'],
  ['{{steps.account.output.owner}}', '{"id":"u1"}'],
  ['{{steps.account.output.nick}}', '{{now}}'],
  ["For a template write {{'{{name}}'}}", 'For a template write {{name}}'],
  ['No values', 'No values'],
])('the text %j is sent as %j', async ($text, subject) => {
  const { end } = await run(writing($text), { account: done(account) });
  expect(end.result).toEqual({ path: { id: 'x' }, query: { subject } });
});

test('a text in a step with forEach names the item', async () => {
  const each = { forEach: { $: 'steps.account.output.tags' }, dependsOn: [] };
  const { end } = await run(writing('Tag {{item}} is number {{index}}', each), { account: done(account) });
  expect((end.result as { query: Json }[]).map(({ query }) => query)).toEqual([
    { subject: 'Tag a is number 0' },
    { subject: 'Tag b is number 1' },
  ]);
});

test.each([
  ['a member that an object lacks', 'Call {{steps.account.output.phone}}'],
  ['null', 'Call {{steps.account.output.note}}'],
  ['something that was not found', "Call {{steps.account.output.tags[$ = 'z']}}"],
  ['a pair that the context lacks', 'Call {{pairs.phone}}'],
])('a text with %s in it fails its step: it is neither sent with a gap nor left out', async (_what, $text) => {
  const { end, calls } = await run(writing($text), { account: done(account) });
  expect(calls).toEqual(['account']);
  expect(end.steps.get('write')).toMatchObject({ state: 'failed', error: { code: 'nothing_found' } });
});

test('a text that reads a skipped step is not sent, and its step is skipped', async () => {
  const plan = aPlan([
    { id: 'account', when: { $: 'false' } },
    { id: 'write', args: { query: { subject: { $text: 'Call {{steps.account.output.name}}' } } } },
  ]);
  const { states, calls } = await run(plan);
  expect([states.write, calls]).toEqual(['skipped', []]);
});

test('a text next to a fill is written, too', async () => {
  const args = { query: { subject: { $text: 'Hi {{steps.account.output.name}}' }, q: { $fill: 'which' } } };
  const plan = aPlan([{ id: 'account' }, { id: 'write', args }]);
  const fill = async () => ({ kind: 'done', values: [{ value: 'filled' }] }) as const;
  const { end } = await run(plan, { account: done(account) }, { fill });
  expect(end.result).toEqual({ query: { subject: 'Hi Contoso', q: 'filled' } });
});

test('texts stand in the result; one with a gap is null', async () => {
  const result = {
    said: { $text: 'Called {{steps.account.output.name}}' },
    not: { $text: '{{steps.account.output.phone}}!' },
  };
  const { end } = await run(aPlan([{ id: 'account' }], result), { account: done(account) });
  expect(end.result).toEqual({ said: 'Called Contoso', not: null });
});

test('braces, quotes and names in backticks belong to their expression', () => {
  expect(expressionsInText("a {{ {'x': {'y': 1}} }} b {{ \"}}\" }} c {{`}}`.d}}")).toEqual([
    "{'x': {'y': 1}}",
    '"}}"',
    '`}}`.d',
  ]);
  expect(parseText('a {{b')).toBeUndefined();
  expect(parseText("a {{'b}}")).toBeUndefined();
});
