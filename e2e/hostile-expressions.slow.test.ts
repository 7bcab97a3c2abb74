// Expressions that end their process, or take all of its time: none ends the service.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from './fixtures/stack.ts';
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
    '$uppercase($pad("", 500000000))',
    '($d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $length($d("x", 28)))',
    '$string([1..200000].[1..200000])',
  ])('%s does not end the service', async (expression) => {
    expect(await evaluate(expression)).toMatchObject({ status: expect.stringMatching(/FAILED|SUCCESS/) });
    expect(await evaluate('$sum([1, 2])')).toMatchObject({ status: 'SUCCESS', result: 3 });
    expect(() => process.kill(stack.pid, 0)).not.toThrow();
  });
});
