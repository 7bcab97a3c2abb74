// The tool with which plans ask people: the checker and the interpreter know it, whatever tools a run may use.
import type { PlanInput } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { checkPlan } from '../check/check.ts';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';
import { renderPlan } from '../words/plan-words.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const ask = (args: object, more: object = {}) => ({ id: 'who', tool: 'errand.ask', args, ...more });
const check = async (...steps: object[]) => {
  const checked = await checkPlan({ goal: 'g', steps } as PlanInput, { tools: [], sandbox, mayFill: false });
  return checked.ok ? [] : checked.complaints.map(({ pointer }) => pointer);
};
/** A plan with a step that asks; the helper would name it a tool of the CRM. */
const asking = (args: object, more: object = {}) => {
  const plan = aPlan([
    { id: 'list' },
    { id: 'who', args: args as never, ...more },
    { id: 'next', args: { query: { $: 'steps.who.output' } } },
  ]);
  return { ...plan, steps: plan.steps.map((step) => (step.id === 'who' ? { ...step, tool: 'errand.ask' } : step)) };
};

test('questions are checked like the arguments of any tool', async () => {
  expect(await check(ask({ question: 'Which?' }))).toEqual([]);
  expect(await check(ask({ question: 'Which?', choices: ['a', { value: 1, label: 'one' }] }))).toEqual([]);
  expect(await check(ask({ question: { $: "'Which of ' & context & '?'" }, choices: { $: '[1]' } }))).toEqual([]);
  const day = { name: 'on', title: 'Day', type: 'date', required: false };
  expect(await check(ask({ question: 'When?', fields: [day, { name: 'who', choices: ['a'] }] }))).toEqual([]);
  expect(await check(ask({ question: 'When?', fields: [{ ...day, name: 'on it' }] }))).toEqual([
    '/steps/0/args/fields/0/name',
  ]);
  expect(await check(ask({ question: 'When?', fields: [{ ...day, type: 'array' }] }))).toEqual([
    '/steps/0/args/fields/0/type',
  ]);
  expect(await check(ask({}))).toEqual(['/steps/0/args']);
  expect(await check(ask({ question: 'Which?', answers: ['a'] }))).toEqual(['/steps/0/args/answers']);
  expect(await check(ask({ question: 'x'.repeat(1001) }))).toEqual(['/steps/0/args/question']);
  expect(await check(ask({ question: 'Which?', choices: [] }))).toEqual(['/steps/0/args/choices']);
  expect(await check(ask({ question: 'Which?' }, { effect: 'write' }))).toEqual(['/steps/0/effect']);
  expect(await check({ id: 'a', tool: 'errand.tell' })).toEqual(['/steps/0/tool']);
});

test('choices are bound like any argument, and later steps read the answer', async () => {
  const choices = { $: "[steps.list.output.{'value': id, 'label': name}]" };
  const calls: unknown[] = [];
  const { end } = await run(asking({ question: 'Which?', choices }), {
    list: done([{ id: 'a', name: 'Ann' }]),
    who: async (args) => {
      calls.push(args);
      return done({ x: 'a' });
    },
  });
  expect(calls).toEqual([{ question: 'Which?', choices: [{ value: 'a', label: 'Ann' }] }]);
  expect(end).toMatchObject({ state: 'finished', result: { query: { x: 'a' } } });
});

test('choices that are computed must fit, too', async () => {
  const choices = { $: '[1..21].$string()' };
  const { end, calls } = await run(asking({ question: 'Which?', choices }), { list: done([]) });
  expect(end.steps.get('who')?.error).toMatchObject({
    code: 'tool_args_invalid',
    message: expect.stringContaining('"choices"'),
  });
  expect(calls).toEqual(['list']);
});

test('a list of at most 20 items is asked about, and a longer one is refused', async () => {
  const ofEach = (n: number) => asking({ question: { $: '$string(item)' } }, { forEach: { $: `[1..${n}]` } });
  const few = await run(ofEach(20), { who: { kind: 'waiting' }, list: done([]) });
  expect(few.calls.filter((id) => id.startsWith('who'))).toHaveLength(20);
  const many = await run(ofEach(21), { list: done([]) });
  expect(many.calls).toEqual(['list']);
  expect(many.end.steps.get('who')?.error?.message).toContain('at most 20');
});

test('a step that needs a missing answer names the reason', async () => {
  const { end, states } = await run(asking({ question: 'Which?' }), {
    list: done([]),
    who: { kind: 'failed', code: 'question_unanswered', message: 'Nobody answered in time: Which?' },
  });
  expect(states).toEqual({ list: 'done', who: 'failed', next: 'blocked' });
  expect(end.steps.get('next')?.error?.message).toBe('Not run: it needs an answer that nobody gave.');
});

test('people read the question, and which values are answers', () => {
  const text = renderPlan(asking({ question: 'Which day?', choices: { $: '[steps.list.output.name]' } }));
  expect(text).toContain('\n2. Ask a person: "Which day?"\n');
  expect(text).toContain('query: answered by a person');
});
