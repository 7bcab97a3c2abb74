import { type Json, Plan } from '@errand/contracts';
import { createSandbox, holesOf } from '@errand/plan';
import { afterAll, expect, test } from 'vitest';
import { PLAN_LANGUAGE } from './plan-language.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

/** The two examples, by step outputs that a service might give. */
const examples = PLAN_LANGUAGE.slice(PLAN_LANGUAGE.indexOf('# Two examples'), PLAN_LANGUAGE.indexOf('# Data'))
  .split('\n\n')
  .map((text) => text.slice(text.indexOf('{"goal"')))
  .filter((text) => text.startsWith('{'))
  .map((text) => Plan.parse(JSON.parse(text)));

test('its examples are plans', () => {
  expect(examples.map(({ steps }) => steps.map(({ id }) => id))).toEqual([
    ['member', 'loans', 'renew'],
    ['inbox', 'reply'],
  ]);
});

test('every expression in it is one that may be used', async () => {
  const inPlans = examples.flatMap((plan) => holesOf(plan as unknown as Json).filter(({ kind }) => kind === 'binding'));
  const inText = [...PLAN_LANGUAGE.matchAll(/\{"\$": "(\$[^"]+)"\}/g)].map(([, expression = '']) => expression);
  const listed = /Useful: (.*?)\. Equality/s.exec(PLAN_LANGUAGE)?.[1]?.split('; ') ?? [];
  expect(inText.length).toBeGreaterThan(0);
  expect(listed).toHaveLength(18);
  for (const expression of [...inPlans.map(({ text }) => text), ...inText, ...listed])
    expect(await sandbox.analyse([expression]), expression).toMatchObject([{ ok: true }]);
});

test('its expressions have the values it states', async () => {
  const loans = [
    { id: 'l1', dueOn: '2031-05-02' },
    { id: 'l2', dueOn: '2031-06-02' },
  ];
  const scope = {
    now: '2031-12-31T08:00:00.000Z',
    steps: { loans: { output: { loans } }, renew: { output: [{ loanId: 'l1' }] }, inbox: { output: { messages: [] } } },
  };
  const value = async (expression: string) => (await sandbox.evaluate([expression], scope))[0];
  const [library, post] = examples;
  expect(await value(library?.steps[2]?.forEach?.$ ?? '')).toMatchObject({ value: [loans[0]] });
  expect(await value('[steps.renew.output.loanId]')).toMatchObject({ value: ['l1'] });
  expect(await value(post?.steps[1]?.when?.$ ?? '')).toMatchObject({ value: false });
  expect(await value("$substringBefore($fromMillis($toMillis(now) + 86400000), 'T')")).toMatchObject({
    value: '2032-01-01',
  });
});
