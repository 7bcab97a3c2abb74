// Expressions run in processes of their own: the end of such a process does not end the service, and none outlives the service.
import { childrenOf, isAlive, processorMs } from '@errand/plan/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Stack, stackForTest, startStack } from './fixtures/stack.ts';
import { computer } from './fixtures/workspace.ts';

describe('a service', () => {
  let stack: Stack;
  let evaluate: Awaited<ReturnType<typeof computer>>['evaluate'];
  beforeAll(async () => {
    stack = await startStack();
    ({ evaluate } = await computer(stack));
    return stack.close;
  });

  test('survives an expression with a text of 200 MB', async () => {
    expect(await evaluate('$length($pad("", 200000000))')).toMatchObject({
      status: expect.stringMatching(/FAILED|SUCCESS/),
    });
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
