import { contract } from '@errand/contracts';
import { operations } from '@errand/trpc-openapi/contract';
import { expect, test } from 'vitest';
import { mayRepeat, mayRepeatRoute, routeTakesKey, takesKey } from './repeatable.ts';

const ID = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const changes = operations(contract)
  .filter(({ op }) => op.kind === 'mutation' && op.http)
  .map(({ name, op }) => ({ name, op, route: `${op.http!.method} ${op.http!.path.replace(/\{\w+\}/g, ID)}` }));

/** Some operations have the field of a key only to refuse it. */
const hasKey = ({ op }: (typeof changes)[number]) => {
  const { shape } = op.input as unknown as { shape: Record<string, { description?: string } | undefined> };
  return shape.idempotencyKey !== undefined && !/^Not supported/.test(shape.idempotencyKey.description ?? '');
};
const isRepeatable = ({ op }: (typeof changes)[number]) =>
  /repeating the \w+ (changes nothing|returns the same (answer|result))/i.test(op.http!.description ?? '') ||
  /also if it was cancelled before/.test(op.http!.success ?? '');

const names = (list: typeof changes) => list.map(({ name }) => name);

test('a key is sent to the operations of the contract that take one', () => {
  const expected = names(changes.filter(hasKey));
  expect(expected).toContain('runs.create');
  expect(names(changes.filter(({ name }) => takesKey(name)))).toEqual(expected);
  expect(names(changes.filter(({ route }) => routeTakesKey(route)))).toEqual(expected);
});

test('other changes are repeated if the contract says that this changes nothing', () => {
  const expected = names(changes.filter((change) => hasKey(change) || isRepeatable(change)));
  expect(names(changes.filter(({ name }) => mayRepeat(name)))).toEqual(expected);
  expect(names(changes.filter(({ route }) => mayRepeatRoute(route)))).toEqual(expected);
});
