import type { PlanInput } from '@errand/contracts';
import { afterAll, expect, test, vi } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { garden } from '../testing/garden.ts';
import { goldenPlans } from '../testing/golden-plans.ts';
import { slips } from '../testing/slips.ts';
import { checkHere, checkPlan } from './check.ts';

const sandbox = createSandbox();
const hasty = createSandbox({ checkMs: 1 });
afterAll(() => Promise.all([sandbox.close(), hasty.close()]));

const open = { type: 'object', additionalProperties: true };
const list = aTool('list', { query: open }, { outputSchema: open });

function planOf(kib: number): PlanInput {
  const rows = Array.from({ length: Math.floor((kib * 1024) / 100 / 40) }, (_, n) => ({
    $: `steps.s0.output.member${n}`,
  }));
  const steps = Array.from({ length: 100 }, (_, n) => ({
    id: `s${n}`,
    tool: list.name,
    args: { query: n === 0 ? {} : { rows } },
  }));
  return { goal: 'g', steps } as PlanInput;
}

test('only the check of a plan over 20 KB leaves the main thread', async () => {
  const [analyse, validate] = [vi.spyOn(sandbox, 'analyse'), vi.spyOn(sandbox, 'validate')];
  const options = { tools: [list], sandbox, mayFill: false };
  expect(await checkPlan(planOf(100), options)).toMatchObject({ ok: true });
  expect(analyse.mock.calls.length + validate.mock.calls.length).toBe(0);
  expect(await checkPlan(planOf(15), options)).toMatchObject({ ok: true });
  expect(analyse.mock.calls.length).toBe(1);
});

/** The same plan, with a JSON text over 20 KB: a control character has six there. */
const padded = (plan: object) => ({ ...plan, goal: '\u0001'.repeat(5000) });
const all = [
  ...Object.entries(slips).map(([name, { plan }]) => [name, plan] as const),
  ...goldenPlans.map(({ plan }) => [plan.goal, plan] as const),
];

test.each(all)('a process gives the same verdict as the main thread: %s', async (_name, plan) => {
  const base = { tools: garden, sandbox, mayFill: false, endsBecause: 'It ends here.' };
  const previousSteps = goldenPlans[0]!.plan.steps as never;
  const meaning = { userTexts: ['Water the roses'], earlierAnswers: ['{"id":"p-17"}'], previousSteps };
  const outputSchema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
  for (const more of [
    { planned: true, mayFill: true },
    { meaning, outputSchema },
  ]) {
    const options = { ...base, ...more };
    expect(await checkPlan(padded(plan as object), options)).toEqual(await checkHere(padded(plan as object), options));
  }
});

test.each<[name: string, plan: unknown]>([
  ['a list', [padded({})]],
  ['steps without a form', padded({ steps: [null, 7, 'crm_1a2b3c4d.list', { tool: 7 }, { tool: { name: 'a.b' } }] })],
  ['steps that are no list', padded({ steps: 'crm_1a2b3c4d.list', mayWrite: { 0: 'a.b' } })],
  ['too many steps', padded({ steps: Array.from({ length: 300 }, () => ({ id: 'a', tool: list.name })) })],
  [
    'unknown and unusable tools',
    padded({ steps: ['lits', 'off', 'list'].map((name) => ({ id: name, tool: `crm_1a2b3c4d.${name}` })) }),
  ],
  [
    'keys of prototypes',
    padded(
      JSON.parse(
        `{"steps":[{"id":"a","tool":"${list.name}","args":{"__proto__":{"x":1},"push":[2],"constructor":3}}]}`,
      ),
    ),
  ],
  ['a text', 'x'.repeat(30_000)],
  ['a deep one', padded({ steps: [], result: JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`) })],
])('a process refuses as the main thread does: %s', async (_name, plan) => {
  const tools = {
    named: async (names: readonly string[]) => [list].filter(({ name }) => names.includes(name)),
    unusable: async () => new Map([['crm_1a2b3c4d.off', 'off' as const]]),
    names: async () => [list.name],
  };
  const options = { tools, sandbox, mayFill: false };
  const checked = await checkPlan(plan, options);
  expect(checked).toEqual(await checkHere(plan, options));
  expect(checked.ok).toBe(false);
});

test('a plan with a check that does not end is refused', async () => {
  expect(await checkPlan(planOf(250), { tools: [list], sandbox: hasty, mayFill: false })).toEqual({
    ok: false,
    complaints: [
      {
        pointer: '',
        message: 'Checking the plan ran longer than 1 ms and was stopped. Use fewer steps and shorter expressions.',
      },
    ],
    doubts: [],
  });
});
