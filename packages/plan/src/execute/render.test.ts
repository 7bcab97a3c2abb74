import { Plan } from '@errand/contracts';
import { expect, test } from 'vitest';
import { aTool } from '../testing/a-tool.ts';
import { renderPlan } from './render.ts';

test('a plan is shown with what each step does, to what, and when', () => {
  const plan = Plan.parse({
    goal: 'Close old deals',
    steps: [
      { id: 'old', tool: 'crm_1a2b3c4d.listDeals', args: { query: { state: 'open' } }, reason: 'Find them' },
      {
        id: 'close',
        tool: 'crm_1a2b3c4d.closeDeal',
        forEach: { $: 'steps.old.output.items' },
        when: { $: 'input.really' },
        args: { path: { id: { $: 'item.id' } } },
      },
    ],
    result: { closed: { $: 'steps.close.output' } },
  });
  expect(renderPlan(plan, [aTool('closeDeal', {}, { effect: 'write' })])).toBe(
    [
      'Close old deals',
      '',
      '1. Find them',
      '   old: crm_1a2b3c4d.listDeals {query: {state: "open"}}',
      '2. closeDeal (changes something; once for each of steps.old.output.items; only if input.really)',
      '   close: crm_1a2b3c4d.closeDeal {path: {id: ‹item.id›}}',
      '',
      'Result: {closed: ‹steps.close.output›}',
    ].join('\n'),
  );
});

test('text of a plan cannot pretend to be another line or hide what it is', () => {
  const plan = Plan.parse({
    goal: 'a\n1. fake',
    steps: [{ id: 'x', tool: 'crm_1a2b3c4d.get', reason: 'b\u202e\n2. fake', args: { to: 'me\u200b@x' } }],
  });
  expect(renderPlan(plan).split('\n')).toEqual([
    'a 1. fake',
    '',
    '1. b 2. fake',
    '   x: crm_1a2b3c4d.get {to: "me\\u{200b}@x"}',
  ]);
});
