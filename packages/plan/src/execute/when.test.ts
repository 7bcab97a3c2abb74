import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const step = ($: string) => aPlan([{ id: 'list' }, { id: 'maybe', when: { $ }, args: { query: { q: 'x' } } }]);

test.each<[what: string, expression: string, flag: Json, state: string]>([
  ['true', 'steps.list.output.flag', true, 'done'],
  ['false', 'steps.list.output.flag', false, 'skipped'],
  ['null', 'steps.list.output.flag', null, 'skipped'],
  ['nothing', 'steps.list.output.none', 1, 'skipped'],
])('a condition that gives %s', async (_what, $, flag, state) => {
  const { states, calls } = await run(step($), { list: done({ flag }) });
  expect(states.maybe).toBe(state);
  expect(calls).toEqual(state === 'done' ? ['list', 'maybe'] : ['list']);
});

test.each<[what: string, flag: Json]>([
  ['a text', 'false'],
  ['a text', 'no'],
  ['a text', ''],
  ['a number', 0],
  ['a number', 1],
  ['a list', []],
  ['a list', [{ id: 'a' }]],
  ['an object', { id: 'a' }],
])('only true runs a step: a condition that gives %s (%j) fails it and says what to write', async (kind, flag) => {
  const { end, calls } = await run(step('steps.list.output.flag'), { list: done({ flag }) });
  expect(calls).toEqual(['list']);
  expect(end.steps.get('maybe')).toMatchObject({
    state: 'failed',
    error: {
      code: 'expression_failed',
      message: `The step "find" at CRM could not be prepared: its condition gives ${kind} instead of true or false.`,
      errors: [{ pointer: '/steps/1/when', message: expect.stringContaining('$count(…) > 0') }],
    },
  });
});
