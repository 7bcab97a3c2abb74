// The reference's own example sentence, with and without a context: figures of the newest data over every page, or a refusal.
import { createRestClient } from '@errand/client/rest';
import { errands } from '@errand/demo';
import { beforeAll, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

type Sale = Workspace['crm']['data']['sales'][number];

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  // The newest sale is on the first page, those of its quarter on every page, and the oldest last.
  const { sales } = workspace.crm.data;
  sales.sort((a, b) => key(a) - key(b));
  return () => workspace.close();
});

const key = ({ id }: Sale) => (Number(id.slice(-6)) * 7919) % 449;
const { intent, outputSchema } = errands.salesSummary;

async function carryOut(body: { intent: string; context?: string; outputSchema?: typeof outputSchema }) {
  const rest = createRestClient(workspace);
  const created = await rest.POST('/v1/runs', {
    params: { header: { Prefer: 'wait=30' } },
    body: { selectedCustomerIntegrationIds: ['*'], userId: 'user-123', ...body },
  });
  if (created.data?.answer !== 'run') throw new Error('It did not end.');
  return created.data;
}

const total = (rows: readonly Sale[]) => rows.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0) / 100;

/** The newest quarter by the days of the sales. */
function newest() {
  const { sales } = workspace.crm.data;
  const last = sales.reduce((latest, sale) => (sale.date > latest.date ? sale : latest));
  const rows = sales.filter(({ year, quarter }) => year === last.year && quarter === last.quarter);
  const regions = [...new Set(rows.map(({ region }) => region))].map((region) => {
    const regionRows = rows.filter((row) => row.region === region);
    return { region, count: regionRows.length, total: total(regionRows) };
  });
  return { period: `${last.quarter} ${last.year}`, rows, regions };
}

test('without a context it is the totals of the newest quarter over every page, in any order of rows', async () => {
  const { sales } = workspace.crm.data;
  const { period, rows, regions } = newest();
  // Plans that would pass by accident: one page, its order, all rows.
  expect(sales.length).toBeGreaterThan(300);
  expect(new Set(rows.map((row) => Math.floor(sales.indexOf(row) / 100))).size).toBeGreaterThan(2);
  expect(rows).not.toContain(sales.at(-1));
  const { status, result } = await carryOut({ intent });
  expect(status).toBe('SUCCESS');
  expect(result).toEqual({
    period,
    count: rows.length,
    total: total(rows),
    byRegion: expect.arrayContaining(regions),
  });
  expect((result as { byRegion: [] }).byRegion).toHaveLength(regions.length);
});

test('without a context it has the requested shape', async () => {
  const { period, rows, regions } = newest();
  const { status, result } = await carryOut({ intent, outputSchema });
  expect(status).toBe('SUCCESS');
  const expectedTotals = regions.map(({ region, total }) => ({ region, total }));
  expect(result).toEqual({ quarter: period, total: total(rows), regions: expect.arrayContaining(expectedTotals) });
  expect((result as { regions: [] }).regions).toHaveLength(regions.length);
});

test('a newer day moves the period', async () => {
  const { sales } = workspace.crm.data;
  const sale = sales[150]!;
  const before = { ...sale };
  Object.assign(sale, { date: '2031-02-03', year: 2031, quarter: 'Q1', amount: 0.1 });
  const { result } = await carryOut({ intent });
  Object.assign(sale, before);
  expect(result).toMatchObject({ period: 'Q1 2031', count: 1, total: 0.1 });
});

test('without a summary the latest rows are the newest of all pages', async () => {
  const days = workspace.crm.data.sales
    .map(({ createdAt }) => createdAt)
    .sort()
    .reverse();
  const { result } = await carryOut({ intent: 'Show the latest sales' });
  expect((result as Sale[]).map(({ createdAt }) => createdAt)).toEqual(days.slice(0, 100));
});

test('a group that the intent names is a group of the summary', async () => {
  const { rows } = newest();
  const products = [...new Set(rows.map(({ productId }) => productId))].map((productId) => {
    const productRows = rows.filter((row) => row.productId === productId);
    return { productId, count: productRows.length, total: total(productRows) };
  });
  const { result } = await carryOut({ intent: `${intent} by product` });
  expect(result).toMatchObject({ count: rows.length, byProductId: expect.arrayContaining(products) });
});

test('it gives no figures for a subject that no tool mentions', async () => {
  const { status, result, error } = await carryOut({ intent: `${intent} for premium customers` });
  expect([status, result ?? null, error?.code]).toEqual(['NO_SUCCESS', null, 'no_plan']);
});

test('a context that names the quarter is followed', async () => {
  const rows = workspace.crm.data.sales.filter(({ year, quarter }) => year === 2023 && quarter === 'Q4');
  const { result } = await carryOut({ intent, context: 'Focus on Q4 2023 data with regional breakdown' });
  expect(result).toMatchObject({ period: 'Q4 2023', totalRevenue: total(rows) });
});

test.each([
  ['by weather', `${intent} by weather`, '', 'weather'],
  ['by a superlative', 'Create a summary of the largest deals', '', 'largest'],
  ['of a context that narrows', intent, 'Focus on refurbished goods', 'refurbished'],
])(
  'a summary that it cannot make is refused, and the refusal names the reason: %s',
  async (_, intent, context, word) => {
    const { status, result, error } = await carryOut({ intent, context });
    expect([status, result]).toEqual(['NO_SUCCESS', undefined]);
    expect(error).toMatchObject({ code: 'no_plan', message: expect.stringContaining(word) });
  },
);
