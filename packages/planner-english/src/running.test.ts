import type { Json } from '@errand/contracts';
import { afterAll, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { tracker } from './testing/services.ts';
import { shop } from './testing/shop.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

/** The moment of all these runs. */
const AT = { now: '2024-05-15T09:00:00.000Z' };

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
  const outputSchema = {
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
  };
  const intent = 'Summarize the orders of last month by region';
  const { result, calls } = await run(shop, intent, page, { ...AT, outputSchema });
  const cents = (rows: readonly (typeof orders)[number][]) =>
    rows.reduce((sum, row) => sum + Math.round(row.total * 100), 0) / 100;
  expect(calls.map(({ args }) => args.query?.offset ?? 0)).toEqual([0, 100, 200]);
  expect(result).toEqual({
    month: '2024-04',
    total: cents(orders),
    regions: regions.map((region) => ({ region, total: cents(orders.filter((row) => row.region === region)) })),
  });
});

it('gets each thing that rows refer to once', async () => {
  const { result, calls } = await run(tracker, 'List tickets and who they are assigned to', ({ operation, args }) =>
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
  expect(result).toMatchObject([
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
  const { calls, refused, code } = await run(tracker, 'Assign issue 12 to Priya Raman', () => members);
  expect(calls.map(({ operation }) => operation)).toEqual(['listMembers']);
  expect([code, refused]).toEqual(['nothing_found', expect.stringContaining('Priya Raman')]);
});

it('sifts rows by what the service takes no filter for', async () => {
  const rows = [
    { orderId: 'a', total: 500, status: 'pending' },
    { orderId: 'b', total: 501, status: 'pending' },
  ];
  const { result } = await run(shop, 'Show pending orders over 500 euros', () => ({ orders: rows, total: 2 }));
  expect(result).toMatchObject([{ orderId: 'b' }]);
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
  const { result, calls } = await run(
    desk,
    'Which reports are open, and who looks after them?',
    ({ operation, args }) =>
      operation === 'listReports'
        ? { items: [{ id: 'r1', title: 'Leak', keeperId: 'h7' }] }
        : { id: args.path!.handId!, name: 'Ada' },
  );
  expect(calls.map(({ operation }) => operation)).toEqual(['listReports', 'getHand']);
  expect(JSON.stringify(result)).toContain('Ada');
});
