// Promises are most of the cost of a plan's execution. They do not depend on the load of the machine.
import { createHook } from 'node:async_hooks';
import type { Plan } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { runPlan } from './execute.ts';
import { toOutput } from './output.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const ids = ['a', 'b', 'c', 'd', 'e'];
const planOf = (toArgument: (from: string) => string): Plan => ({
  goal: 'Find an item',
  steps: ids.map((id, n) => ({
    id,
    tool: 'crm_1a2b3c4d.getItem',
    effect: 'read',
    args: { id: n === 0 ? 1 : { $: toArgument(`steps.${ids[n - 1]}.output.next`) } },
    reason: 'Find the next one',
  })),
  result: { last: { $: 'steps.e.output' } },
});

/** The least number of promises of 20 executions: other work of the process adds some to a few of them. */
async function leastPromises(plan: Plan): Promise<number> {
  const output = toOutput({ next: 2, name: 'An item' });
  const options = {
    scope: { intent: 'Find an item', context: '', now: '2026-11-29T00:00:00.000Z' },
    sandbox,
    tools: [aTool('getItem', { id: { type: 'integer' } })],
    call: () => ({ kind: 'done', output }) as const,
  };
  let count = 0;
  const hook = createHook({
    init(_, type) {
      if (type === 'PROMISE') count++;
    },
  }).enable();
  let least = Number.POSITIVE_INFINITY;
  try {
    for (let run = 0; run < 20; run++) {
      count = 0;
      const end = await runPlan(plan, options);
      least = Math.min(least, count);
      expect(end).toMatchObject({ state: 'finished', result: { last: { next: 2 } } });
    }
  } finally {
    hook.disable();
  }
  return least;
}

/** Measured on 2026-11-29. Lower it when the count falls. */
const MEASURED = 72;

test.each([
  ['paths', (path: string) => path],
  ['sums', (path: string) => `${path} + 1 - 1`],
])('five calls with %s make no more promises than measured, plus 3 %%', async (_, toArgument) => {
  expect(await leastPromises(planOf(toArgument))).toBeLessThanOrEqual(Math.floor(MEASURED * 1.03));
});
