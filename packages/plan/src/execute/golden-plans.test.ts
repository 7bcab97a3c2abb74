import type { Plan } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { checkPlan } from '../check/check.ts';
import { createSandbox } from '../sandbox/sandbox.ts';
import { dryRun } from '../testing/dry-run.ts';
import { garden } from '../testing/garden.ts';
import { goldenPlans } from '../testing/golden-plans.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

test('the golden plans are many, and differ', () => {
  expect(new Set(goldenPlans.map(({ plan }) => plan.goal)).size).toBe(goldenPlans.length);
  expect(goldenPlans.length).toBeGreaterThanOrEqual(20);
});

test.each(goldenPlans.map((golden) => [golden.plan.goal, golden] as const))(
  'a good plan passes without a doubt, and a dry run ends as it says: %s',
  async (_goal, { plan, calls, result }) => {
    const checked = await checkPlan(plan, { tools: garden, sandbox, mayFill: true, planned: true });
    expect(checked).toMatchObject({ ok: true, doubts: [] });
    const run = await dryRun((checked as { plan: Plan }).plan, garden, sandbox);
    expect(run.errors).toEqual([]);
    expect(run.calls.map(({ tool }) => tool).sort()).toEqual([...calls].sort());
    expect(run.end.resultError).toBeUndefined();
    expect(run.end.state).toBe('finished');
    if (typeof result === 'object') expect(run.end.result).toMatchObject(result as object);
    else expect(run.end.result).toEqual(result);
  },
);
