import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { objectMembers } from './missing-values.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const scope = {
  now: '2026-01-31T09:30:00.000Z',
  steps: { a: { output: { n: 2, items: [{ id: 'x' }, { id: 'y' }] } } },
};
const evaluate = async (expression: string) => (await sandbox.evaluate([expression], scope))[0];

test.each([
  "{'n': steps.a.output.n}",
  ' { "n" : steps.a.output.n , \'ids\': steps.a.output.items.id } ',
  "{'text': 'a, b: {c}', 'other': \"it's\", `x`: 1}",
  "{'in': {'n': steps.a.output.n, 'list': [1, 2, {'m': 3}]}, 'sum': $sum([1, 2])}",
  `{'quote': "it\\"s, {", 'grouped': steps.a.output.items{id: $count(id)}}`,
  "{'choice': steps.a.output.n > 1 ? 'more' : 'one', 'f': function($x) { $x }(1)}",
  "{'match': $contains('a,b', /,/), 'divided': 4 / 2}",
])('%s has the values of its members', async (expression) => {
  const members = objectMembers(expression);
  // A key that is not a quoted text makes the object one value.
  if (members === undefined) return expect(expression).toContain('`x`');
  const values = await Promise.all([...members.values()].map(evaluate));
  const apart = Object.fromEntries(
    [...members.keys()].map((key, i) => [key, values[i]?.ok ? values[i].value : 'fault']),
  );
  expect(await evaluate(expression)).toEqual({ ok: true, value: apart, missing: false });
});

test.each([
  'steps.a.output',
  '{}',
  "{'a': 1}.b",
  "{'a': 1} ~> $merge([])",
  "$x := {'a': 1}",
  "{'a': 1, 'a': 2}",
  "{'__proto__': 1}",
  "{'a\\'b': 1}",
  '{key: 1}',
  "{'a': [1}",
  "{'a': 'open}",
  "{'a': 1 /* , } */}",
  "{'a': 1}}",
  '{',
])('%s is no object of plain members', (expression) => {
  expect(objectMembers(expression)).toBeUndefined();
});

test('a long expression is read once', () => {
  const before = process.cpuUsage();
  for (const text of [
    '{'.repeat(250_000),
    `{'a': ${'['.repeat(120_000)}${']'.repeat(120_000)}}`,
    "{'a':'".repeat(40_000),
  ])
    objectMembers(text);
  const { user } = process.cpuUsage(before);
  expect(user / 1000).toBeLessThan(500);
});
