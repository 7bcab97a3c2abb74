import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';
import type { CallOutcome } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const guard = (say: string | { $: string } | { $text: string } = 'Nobody is named Ada.') => ({
  id: 'guard',
  unless: { $: 'steps.list.output = []' },
  say,
});

test('unless ends the plan in words, and no later step runs', async () => {
  const plan = aPlan(
    [
      { id: 'list' },
      guard(),
      { id: 'reads', args: { query: { x: { $: 'steps.list.output' } } } },
      { id: 'free' },
      { id: 'needs', dependsOn: ['guard'] },
    ],
    'said',
  );
  const { end, states, calls } = await run(plan, { list: done([]) });
  expect(calls).toEqual(['list']);
  expect(states).toEqual({ list: 'done', guard: 'failed', reads: 'blocked', free: 'blocked', needs: 'blocked' });
  expect(end.steps.get('guard')?.error).toEqual({ code: 'plan_ended', message: 'Nobody is named Ada.' });
  expect(end.steps.get('free')?.error?.message).toBe('Not run: the plan ended before it.');
  expect(end).not.toHaveProperty('result');
  expect(end.state).toBe('finished');
});

test.each([
  ['false', 'false'],
  ['nothing', 'steps.list.output.none'],
  ['null', 'null'],
])('with %s the plan goes on', async (_, $) => {
  const { calls, end } = await run(aPlan([{ id: 'list' }, { ...guard(), unless: { $ } }, { id: 'after' }], 'all'));
  expect(calls).toEqual(['list', 'guard', 'after']);
  expect(end.result).toBe('all');
});

test.each(["'no'", '0', '[]', '{}'])('%s decides nothing: the step and later steps do not run', async ($) => {
  const { calls, end, states } = await run(aPlan([{ id: 'list' }, { ...guard(), unless: { $ } }, { id: 'after' }]));
  expect(calls).toEqual(['list']);
  expect(states).toMatchObject({ guard: 'failed', after: 'blocked' });
  expect(end.steps.get('guard')?.error).toMatchObject({
    code: 'expression_failed',
    errors: [{ pointer: '/steps/1/unless', message: expect.stringContaining('must give true or false') }],
  });
});

test('its sentence may be computed, in one line', async () => {
  for (const say of [
    { $: "'No one of ' & $count(steps.list.output) & ' is\n  Ada.'" },
    { $text: 'No one of {{$count(steps.list.output)}} is Ada.' },
  ]) {
    const { end } = await run(aPlan([{ id: 'list' }, guard(say)]), { list: done([]) });
    expect(end.steps.get('guard')?.error?.message).toBe('No one of 0 is Ada.');
  }
  const { end } = await run(aPlan([{ id: 'list' }, guard({ $text: '{{steps.list.output.name}} is not there.' })]), {
    list: done([]),
  });
  expect(end.steps.get('guard')?.error?.message).toBe('There was nothing to do.');
});

test('steps that stand before it go on, and a step that it waits for does not wait for it', async () => {
  const plan = aPlan([
    { id: 'before' },
    { ...guard(), dependsOn: ['later'] },
    { id: 'list' },
    { id: 'later', dependsOn: ['list'] },
    { id: 'last' },
  ]);
  const { calls, states } = await run(plan, { list: done([]) });
  expect(calls.sort()).toEqual(['before', 'later', 'list']);
  expect(states).toMatchObject({ before: 'done', later: 'done', last: 'blocked' });
});

test('two guards are decided in their order, whatever they wait for', async () => {
  const plan = aPlan([
    { ...guard('First.'), id: 'one', dependsOn: ['slow'] },
    { ...guard('Second.'), id: 'two' },
    { id: 'list' },
    { id: 'slow', dependsOn: ['list'] },
  ]);
  const { end, states } = await run(plan, { list: done([]) });
  expect(states).toMatchObject({ one: 'failed', two: 'blocked' });
  expect(end.steps.get('one')?.error?.message).toBe('First.');
});

test('while its dependency waits for a person, later steps wait', async () => {
  const waiting: CallOutcome = { kind: 'waiting' };
  const { states, end } = await run(aPlan([{ id: 'list' }, guard(), { id: 'after' }]), { list: waiting });
  expect(states).toEqual({ list: 'waiting', guard: 'pending', after: 'pending' });
  expect(end.state).toBe('waiting');
});

test('when its dependency fails, later steps do not run unguarded', async () => {
  const broken: CallOutcome = { kind: 'failed', code: 'upstream_error', message: 'The service answered 500.' };
  const { states, calls } = await run(aPlan([{ id: 'list' }, guard(), { id: 'after' }]), { list: broken });
  expect(states).toEqual({ list: 'failed', guard: 'blocked', after: 'blocked' });
  expect(calls).toEqual(['list']);
});
