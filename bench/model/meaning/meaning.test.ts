import { createSandbox } from '@errand/plan';
import { afterAll, expect, test } from 'vitest';
import { doubtsOf } from './doubts-of.ts';
import { CARELESS, GOOD } from './model-plans.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

test.each(GOOD)('a good plan passes without a doubt: $intent', async (meaningCase) => {
  expect(await doubtsOf(meaningCase, sandbox)).toEqual([]);
});
test.each(CARELESS)('a careless plan is doubted: $slip', async (meaningCase) => {
  expect(await doubtsOf(meaningCase, sandbox)).not.toEqual([]);
});
