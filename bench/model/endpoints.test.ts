import { expect, it } from 'vitest';
import { measureEndpoints } from './endpoints.ts';
import { type Behaviour, good, plan } from './endpoints-answers.ts';

it('every endpoint behaviour ends in the plan or in a reason that names the cause', async () => {
  const wrong: object[] = [];
  const figures = await measureEndpoints((row) => (row as { isRight: boolean }).isRight || wrong.push(row));
  expect(wrong).toEqual([]);
  expect(figures).toEqual({ 'endpoint behaviours ended in a plan or a true plain reason': '55 of 55' });
}, 120_000);

it('an unexpected plan, a plan in place of a reason, and another reason count as wrong', async () => {
  const faultyBehaviours: Behaviour[] = [
    { name: 'another plan', script: [plan.replace('B-XY 12"}', 'B-XY 13"}')], expect: 'plan' },
    { name: 'no reason', script: [good], expect: /./ },
    { name: 'another reason', script: ['{"none": "No tool"}'], expect: /cut off/ },
    { name: 'no plan', script: ['{"none": "No tool"}'], expect: 'plan' },
  ];
  const figures = await measureEndpoints(() => {}, faultyBehaviours);
  expect(Object.values(figures)).toEqual(['0 of 4']);
});
