// Expressions run in processes of their own: the end of such a process does not end the service, and none outlives the service.
import { childrenOf, isAlive, processorMs } from '@errand/plan/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Stack, stackForTest, startStack } from './fixtures/stack.ts';
import { computer } from './fixtures/workspace.ts';

describe('one service survives all of these', () => {
  let stack: Stack;
  let evaluate: Awaited<ReturnType<typeof computer>>['evaluate'];
  beforeAll(async () => {
    stack = await startStack();
    ({ evaluate } = await computer(stack));
    return stack.close;
  });

  test.each([
    '$length($pad("", 200000000))',
    '$uppercase($pad("", 500000000))',
    '($d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $length($d("x", 28)))',
    '$string([1..200000].[1..200000])',
  ])('%s does not end the service', async (expression) => {
    expect(await evaluate(expression)).toMatchObject({ status: expect.stringMatching(/FAILED|SUCCESS/) });
    expect(await evaluate('$sum([1, 2])')).toMatchObject({ status: 'SUCCESS', result: 3 });
    expect(() => process.kill(stack.pid, 0)).not.toThrow();
  });
});

test('no process of an expression is left when the service is killed, even in an endless loop', async () => {
  const stack = await stackForTest();
  const { evaluate, start } = await computer(stack);
  await evaluate('$sum([1, 2])');
  const [child] = childrenOf(stack.pid) as [number];
  const before = processorMs(child)!;
  await start('$distinct([1..200000])');
  await expect.poll(() => (processorMs(child) ?? 0) - before, { interval: 5 }).toBeGreaterThan(100);
  const children = childrenOf(stack.pid);
  expect(children).toContain(child);
  await stack.kill();
  await expect.poll(() => children.filter(isAlive), { timeout: 10_000, interval: 20 }).toEqual([]);
});

test('the processes of expressions outlive a Ctrl-C for as long as the service needs them', async () => {
  const stack = await stackForTest();
  const { evaluate } = await computer(stack);
  await evaluate('$sum([1, 2])');
  const children = childrenOf(stack.pid);
  for (const pid of children) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal);
  expect(await evaluate('$sum([1, 2])')).toMatchObject({ status: 'SUCCESS', result: 3 });
  expect(childrenOf(stack.pid)).toEqual(children);
  expect(await stack.end()).toBe(0);
  expect(children.filter(isAlive)).toEqual([]);
});
