import { expect, test } from 'vitest';
import { stepsOf } from './plan-steps.ts';
import type { Action } from './use-action.ts';

const plan: Action['plan'] = {
  goal: 'A ticket for an account',
  steps: [
    { id: 'account', tool: 'crm_1.listAccounts', args: { query: { q: { $: 'input.accountName' } } } },
    { id: 'deals', tool: 'crm_1.listDeals', args: { query: { accountId: { $: 'steps.account.output.items[0].id' } } } },
    {
      id: 'ticket',
      tool: 'desk_2.createTicket',
      effect: 'write',
      args: { body: { text: { $text: 'For {{steps.account.output.name}}, not steps.nowhere' } } },
      dependsOn: ['deals'],
    },
  ],
};
const values = [
  {
    name: 'accountName',
    title: 'Name',
    value: 'Northwind',
    from: 'intent' as const,
    bound: true,
    usedIn: [{ stepId: 'account', argument: 'q' }],
  },
];

test('steps need those that they name and those in their expressions, and say which inputs they take', () => {
  const steps = stepsOf({ plan, values }, undefined, new Map([['crm_1', 'Demo CRM']]));
  expect(steps).toEqual([
    {
      stepId: 'account',
      title: 'Demo CRM: list accounts',
      effect: undefined,
      needs: [],
      state: 'planned',
      note: 'takes accountName',
    },
    {
      stepId: 'deals',
      title: 'Demo CRM: list deals',
      effect: undefined,
      needs: [{ stepId: 'account' }],
      state: 'planned',
    },
    {
      stepId: 'ticket',
      title: 'desk_2: create ticket',
      effect: 'write',
      needs: [{ stepId: 'deals' }, { stepId: 'account' }],
      state: 'planned',
    },
  ]);
});

test('titles and effects come from the saved errand, for steps that still call the same tool', () => {
  const details = { effect: 'read' as const, needs: [], argOrigins: {} };
  const saved = {
    plan: { ...plan, steps: [plan.steps[0]!, { ...plan.steps[1]!, tool: 'crm_1.searchDeals' }] },
    steps: [
      { stepId: 'account', title: 'CRM: Find accounts', ...details },
      { stepId: 'deals', title: 'CRM: Search deals', ...details },
    ],
  };
  const [account, deals] = stepsOf({ plan, values: [] }, saved, new Map());
  expect([account?.title, account?.effect]).toEqual(['CRM: Find accounts', 'read']);
  expect([deals?.title, deals?.effect]).toEqual(['crm_1: list deals', undefined]);
});
