// A planner with a model that hears a doubt and repeats it.
import type { ToolSpec } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { by } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { scriptedPlanner } from '../../testing/planner.ts';
import { startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
const script = scriptedPlanner();
const list = {
  type: 'array',
  items: { type: 'object', properties: { id: { type: 'string' }, n: { type: 'number' } } },
};
const paged = {
  inputSchema: { type: 'object', properties: { cursor: { type: 'string' }, name: { type: 'string' } } },
  outputSchema: { type: 'object', properties: { items: list, next: { type: 'string' } } },
};

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const { listing } = service.toolbox;
  listing.tools = listing.tools.map((tool): ToolSpec => (tool.operation === 'find' ? { ...tool, ...paged } : tool));
  engine = await engines.engine(service.toolbox, { planner: script.planner, approvalRules: () => async () => true });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  service.behaviours.find = () => ({ items: [], next: 'more' });
  script.reset();
});

const twice = (plan: ReturnType<typeof aPlan>) => [plan, plan];

test.each<[doubt: string, plan: ReturnType<typeof aPlan>]>([
  ['"per_42" is neither in the goal', aPlan([['a', 'make', { ownerId: 'per_42' }]])],
  [
    'finds several',
    aPlan([
      ['a', 'find', { name: 'Ada' }],
      ['b', 'make', { ownerId: { $: 'steps.a.output.items[0].id' } }],
    ]),
  ],
  [
    'gives one page',
    aPlan([
      ['a', 'find'],
      ['b', 'look', { n: { $: '$count(steps.a.output.items)' } }],
      ['c', 'make', { n: { $: 'steps.b.output.echo.n' } }],
    ]),
  ],
])(
  'a write that is doubted and repeated asks a person, without a strategy and in spite of a rule: %s',
  async (doubt, plan) => {
    service.behaviours.find = () => ({ items: [{ id: 'x' }, { id: 'y' }], next: 'more' });
    script.plans = twice(plan);
    const run = await untilWaiting(engine, aRun({ intent: 'Do it for Ada', approvalStrategy: 'NONE' }));
    expect(script.faults).toHaveLength(1);
    expect(run.waitingOn).toMatchObject([{ kind: 'call', text: expect.stringContaining('Doubtful: ') }]);
    expect(`${run.waitingOn[0]!.text} ${doubt === 'finds several' ? 'finds several' : ''}`).toContain(doubt);
    expect([service.calls('make')]).toEqual([0]);
    const { approvalId } = run.waitingOn[0]!;
    await engine.decideApproval(run.workspaceId, { approvalId: approvalId!, decision: 'approve' }, by);
    expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
    expect(service.calls('make')).toBe(1);
  },
);

test('a plan that was mended has no doubt, and its write asks nobody', async () => {
  script.plans = [aPlan([['a', 'make', { ownerId: 'per_42' }]]), aPlan([['a', 'make', { ownerId: 'per_7' }]])];
  const { run } = await finish(engine, aRun({ intent: 'Do it for per_7' }));
  expect([script.faults.length, run.status, service.calls('make')]).toEqual([1, 'SUCCESS', 1]);
});

const COUNT = { count: { $: '$count(steps.a.output.items)' } };

test.each<[result: string, plan: ReturnType<typeof aPlan>, status: string]>([
  ['a count of 0', aPlan([['a', 'find']], COUNT), 'NO_SUCCESS'],
  ['null', aPlan([['a', 'find']], { owner: { $: 'steps.a.output.owner' } }), 'NO_SUCCESS'],
  ['an empty list', aPlan([['a', 'find']], { $: '[steps.a.output.items[n > 5]]' }), 'NO_SUCCESS'],
  ['a question', aPlan([['a', 'find']], { $text: 'Which one of {{steps.a.output.next}} do you mean?' }), 'NO_SUCCESS'],
  [
    'a count of 0 after a write',
    aPlan(
      [
        ['a', 'find'],
        ['b', 'make', {}, { dependsOn: ['a'] }],
      ],
      COUNT,
    ),
    'PARTIAL_SUCCESS',
  ],
])('a result that says nothing under a doubt is no success: %s', async (_result, plan, status) => {
  script.plans = twice(plan);
  const { run } = await finish(engine, aRun());
  expect(script.faults).toHaveLength(1);
  const message = `The result says nothing. ${script.faults[0]!.message.split('. ')[0]}`;
  expect(run).toMatchObject({
    status,
    error: { code: 'nothing_found', message: expect.stringContaining(message.slice(0, 60)) },
  });
  expect(run.result).toBeUndefined();
});

test('a result that says something under a doubt stays, and one that says nothing without a doubt is a success', async () => {
  service.behaviours.find = () => ({ items: [{ id: 'x' }], next: 'more' });
  script.plans = twice(aPlan([['a', 'find']], COUNT));
  expect((await finish(engine, aRun())).run).toMatchObject({ status: 'SUCCESS', result: { count: 1 } });
  service.behaviours.look = () => ({ items: [] });
  script.plans = [aPlan([['a', 'look']], COUNT)];
  expect((await finish(engine, aRun())).run).toMatchObject({ status: 'SUCCESS', result: { count: 0 } });
  delete service.behaviours.look;
});

test('a planner without a model hears of no doubt, and its writes ask nobody', async () => {
  const others = await startEngines(inject('postgres'));
  const { plan } = script.planner;
  const plain = await others.engine(service.toolbox, { planner: { plan } });
  script.plans = [aPlan([['a', 'make', { ownerId: 'per_42' }]])];
  const { run } = await finish(plain, aRun());
  expect([script.faults, run.status]).toEqual([[], 'SUCCESS']);
  await others.close();
});
