import { Plan } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { dryRun } from '../testing/dry-run.ts';
import { garden } from '../testing/garden.ts';
import { slips } from '../testing/slips.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

test('there are at least the 27 kinds of slips that were seen', () => {
  expect(Object.keys(slips).length).toBeGreaterThanOrEqual(27);
});

test.each(Object.entries(slips))('%s is refused with a remedy, or runs to a stated end', async (_name, slip) => {
  const { plan, refused, doubted, ends } = slip;
  const checked = await checkPlan(plan, { tools: garden, sandbox, mayFill: true, planned: true });
  const messagesOf = (list: readonly { message: string }[]) => list.map(({ message }) => message).join('\n');
  if (refused !== undefined) {
    expect(checked.ok).toBe(false);
    expect(messagesOf(checked.ok ? [] : checked.complaints)).toContain(refused);
    return;
  }
  expect(checked.ok).toBe(true);
  if (doubted === undefined) expect(checked.doubts).toEqual([]);
  else expect(messagesOf(checked.doubts)).toContain(doubted);
  const { states, errors, calls, end } = await dryRun(Plan.parse(plan), garden, sandbox);
  expect(states).toEqual(ends!.states);
  if (ends!.error !== undefined) expect(errors.join('\n')).toContain(ends!.error);
  if (ends!.result !== undefined) expect(end.result).toEqual(ends!.result);
  expect(calls.filter(({ tool }) => tool === 'logVisit')).toEqual([]);
});
