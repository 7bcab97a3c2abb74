import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import { checkPlan, createSandbox, runPlan, toOutput } from '@errand/plan';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBuiltinPlanner } from './builtin-planner.ts';
import { tracker } from './testing/services.ts';
import { shop } from './testing/shop.ts';
import { service } from './testing/tools.ts';

const NOW = '2024-05-15T09:00:00.000Z';
let sandbox: ReturnType<typeof createSandbox>;
beforeAll(() => {
  sandbox = createSandbox();
});
afterAll(() => sandbox.close());

type Call = { operation: string; args: Record<string, Record<string, Json>> };

/** Plans, checks and runs an intent against a service that is a function; tells the result and the calls that were made. */
async function run(
  tools: readonly ToolSpec[],
  intent: string,
  answer: (call: Call) => unknown,
  outputSchema?: JsonSchema,
) {
  const context = '';
  const draft = await createBuiltinPlanner().plan({
    intent,
    context,
    userId: 'user-1',
    now: NOW,
    tools,
    instructions: [],
    outputSchema,
    signal: new AbortController().signal,
    check: async (plan) => {
      const checked = await checkPlan(plan, { tools, sandbox, mayFill: false });
      return checked.ok ? [] : checked.complaints;
    },
  });
  if (draft.kind === 'none') throw new Error(draft.reason);
  const calls: Call[] = [];
  const end = await runPlan(draft.plan, {
    tools,
    sandbox,
    scope: { intent, context, input: null, now: NOW },
    call: async ({ tool, args }) => {
      const call = { operation: tool.operation, args: args as Call['args'] };
      calls.push(call);
      return { kind: 'done', output: toOutput(answer(call) as Json) };
    },
  });
  return { end, calls };
}

const regions = ['North', 'South', 'West'];
const orders = Array.from({ length: 230 }, (_, index) => ({
  orderId: `ORD-${index}`,
  placedAt: '2024-04-10T10:00:00Z',
  status: 'shipped',
  total: 10.1 + (index % 7) * 0.1,
  shopperId: `s${index % 5}`,
  region: regions[index % 3]!,
}));

const page = ({ args }: Call) => {
  const offset = Number(args.query?.offset ?? 0);
  return { orders: orders.slice(offset, offset + Number(args.query?.limit)), total: orders.length };
};

it('adds up rows over every page when a schema asks for totals by group', async () => {
  const total = { type: 'number' };
  const { end, calls } = await run(shop, 'Summarize the orders of last month by region', page, {
    type: 'object',
    properties: {
      month: { type: 'string' },
      total,
      regions: {
        type: 'array',
        items: { type: 'object', properties: { region: { type: 'string' }, total }, required: ['region', 'total'] },
      },
    },
    required: ['month', 'total', 'regions'],
  });
  const cents = (rows: readonly (typeof orders)[number][]) =>
    rows.reduce((sum, row) => sum + Math.round(row.total * 100), 0) / 100;
  expect(calls.map(({ args }) => args.query?.offset ?? 0)).toEqual([0, 100, 200]);
  expect(end.result).toEqual({
    month: '2024-04',
    total: cents(orders),
    regions: regions.map((region) => ({ region, total: cents(orders.filter((row) => row.region === region)) })),
  });
});

it('gets each thing that rows refer to once', async () => {
  const { end, calls } = await run(tracker, 'List tickets and who they are assigned to', ({ operation, args }) =>
    operation === 'listIssues'
      ? {
          results: [
            { id: 1, assignee_id: 7 },
            { id: 2, assignee_id: 8 },
            { id: 3, assignee_id: 7 },
          ],
          count: 3,
        }
      : { id: args.path!.memberId!, name: `Member ${args.path!.memberId}` },
  ); // prettier-ignore
  expect(calls.map(({ operation }) => operation)).toEqual(['listIssues', 'getMember', 'getMember']);
  expect(calls.slice(1).map(({ args }) => args.path)).toEqual([{ memberId: '7' }, { memberId: '8' }]);
  expect(end.result).toMatchObject([
    { id: 1, assignee: { name: 'Member 7' } },
    { id: 2, assignee: { name: 'Member 8' } },
    { id: 3, assignee: { name: 'Member 7' } },
  ]);
});

it('takes the exact name before one that contains it', async () => {
  const { calls } = await run(tracker, 'Show the open bugs of the project Apollo', ({ operation }) =>
    operation === 'listProjects'
      ? [
          { id: 1, name: 'Apollo Classic', archived: false },
          { id: 2, name: 'apollo', archived: false },
        ]
      : { results: [], count: 0 },
  ); // prettier-ignore
  expect(calls.at(-1)).toMatchObject({ operation: 'listIssues', args: { query: { project_id: 2, state: 'open' } } });
});

it.each([
  ['nothing is found', []],
  [
    'several are meant',
    [
      { id: 1, name: 'Priya Raman' },
      { id: 2, name: 'Priya Raman' },
    ],
  ],
])('writes nothing when %s', async (_, members: Json[]) => {
  const { calls, end } = await run(tracker, 'Assign issue 12 to Priya Raman', () => members);
  expect(calls.map(({ operation }) => operation)).toEqual(['listMembers']);
  const [refused] = [...end.steps.values()].flatMap(({ error }) => error ?? []);
  expect(refused).toMatchObject({ code: 'nothing_found', message: expect.stringContaining('Priya Raman') });
});

it('sifts rows by what the service takes no filter for', async () => {
  const rows = [
    { orderId: 'a', total: 500, status: 'pending' },
    { orderId: 'b', total: 501, status: 'pending' },
  ];
  const { end } = await run(shop, 'Show pending orders over 500 euros', () => ({ orders: rows, total: 2 }));
  expect(end.result).toMatchObject([{ orderId: 'b' }]);
});

it('asks for the one person that rows refer to, whatever the field is called', async () => {
  const report = {
    id: 'string',
    title: 'string',
    status: 'open|closed',
    keeperId: 'string: Id of the hand who is the keeper.',
  };
  const hand = { id: 'string', name: 'string', email: 'email' };
  const desk = service('desk', 'Desk', [
    {
      call: 'GET /reports',
      name: 'listReports',
      title: 'List reports',
      query: { status: 'open|closed' },
      answer: { items: [report] },
    },
    { call: 'GET /hands/{handId}', name: 'getHand', title: 'Get a hand', answer: hand },
  ]);
  const { end, calls } = await run(desk, 'Which reports are open, and who looks after them?', ({ operation, args }) =>
    operation === 'listReports'
      ? { items: [{ id: 'r1', title: 'Leak', keeperId: 'h7' }] }
      : { id: args.path!.handId!, name: 'Ada' },
  );
  expect(calls.map(({ operation }) => operation)).toEqual(['listReports', 'getHand']);
  expect(JSON.stringify(end.result)).toContain('Ada');
});
