import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Crm, startCrm } from './start.ts';

let crm: Crm;
beforeAll(async () => {
  crm = await startCrm({ token: 'crm_test' });
});
afterAll(() => crm.close());

type Options = { body?: unknown; token?: string; key?: string };
type Answer = {
  items: Record<string, unknown>[];
  total: number;
  error: { code: string; details: unknown };
} & Record<string, unknown>;

async function send(method: string, path: string, { body, token = 'crm_test', key }: Options = {}) {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (key !== undefined) headers['idempotency-key'] = key;
  const answer = await fetch(`${crm.url}/v1${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : undefined) as Answer };
}
const get = (path: string) => send('GET', path);
const call = (subject = 'Renewal terms') => ({
  type: 'call',
  accountId: 'acc_000002',
  subject,
  scheduledAt: '2026-01-15T10:00:00Z',
});

it('answers 401 without the right token, and shows the document to all', async () => {
  const wrong = await send('GET', '/accounts', { token: 'crm_other' });
  const none = await fetch(`${crm.url}/v1/accounts`);
  expect([wrong.status, none.status, (await fetch(crm.documentUrl)).status]).toEqual([401, 401, 200]);
  expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
  expect(wrong.body.error.code).toBe('unauthenticated');
});

it('finds accounts by a piece of their name', async () => {
  const { body } = await get('/accounts?name=NORTHWIND');
  expect(body.items.map(({ name }) => name)).toEqual(['Northwind Traders']);
});

it('pages through a list without losing or repeating a row', async () => {
  const ids: unknown[] = [];
  for (let offset = 0; ; offset += 100) {
    const { body } = await get(`/sales?limit=100&offset=${offset}`);
    expect(body.total).toBe(crm.data.sales.length);
    if (body.items.length === 0) break;
    ids.push(...body.items.map(({ id }) => id));
  }
  expect(ids).toEqual(crm.data.sales.map(({ id }) => id));
});

it('combines filters and sorts', async () => {
  const { body } = await get('/deals?accountId=acc_000001&minAmount=50000&sortBy=amount&order=desc');
  expect(body.items.map(({ amount }) => amount)).toEqual([126750.5, 84500.25, 50000.01]);
  // Both bounds are included: one of these deals has this very amount.
  expect((await get('/deals?accountId=acc_000002&minAmount=50000')).body.total).toBe(2);
  expect((await get('/deals?accountId=acc_000001&maxAmount=49999.99')).body.total).toBe(3);
  const closing = await get(
    '/deals?accountId=acc_000001&closeDateFrom=2024-03-29&closeDateTo=2024-04-12&sortBy=closeDate',
  );
  expect(closing.body.items.map(({ name }) => name)).toEqual(['Warehouse rollout', 'Supplier portal']);
});

/** Sums digits, so that no rounding of the service can be repeated here. */
function sum(lines: { amount: number }[]): number {
  const digits = lines.reduce((all, { amount }) => all + BigInt(amount.toFixed(2).replace('.', '')), 0n).toString();
  return Number(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
}
const quarters = [2021, 2022, 2023, 2024].flatMap((year) => [1, 2, 3, 4].map((quarter) => ({ year, quarter })));

it.each(quarters)('adds up quarter $quarter of $year to the cent, in all and by region', async ({ year, quarter }) => {
  const { body } = await get(`/sales/summary?year=${year}&quarter=Q${quarter}`);
  const lines = crm.data.sales.filter(
    ({ date }) => Number(date.slice(0, 4)) === year && Math.ceil(Number(date.slice(5, 7)) / 3) === quarter,
  );
  const regions = ['North America', 'Latin America', 'EMEA', 'APAC'].map((region) => ({
    region,
    revenue: sum(lines.filter((line) => line.region === region)),
  }));
  expect(body).toEqual({
    period: `Q${quarter} ${year}`,
    currency: 'USD',
    totalRevenue: sum(lines),
    byRegion: regions.sort((a, b) => b.revenue - a.revenue),
  });
});

it('adds up one region alone, and nothing where nothing was sold', async () => {
  const { body } = await get('/sales/summary?year=2023&quarter=Q4&region=EMEA');
  expect(body.byRegion).toEqual([{ region: 'EMEA', revenue: body.totalRevenue }]);
  const none = await get('/sales/summary?year=2010&quarter=Q4');
  expect([none.body.totalRevenue, none.body.byRegion]).toEqual([0, []]);
});

it('answers 404 for an unknown id and an unknown path', async () => {
  expect((await get('/deals/dea_999999')).body.error.code).toBe('not_found');
  expect([(await get('/deals/dea_999999')).status, (await get('/nothing')).status]).toEqual([404, 404]);
});

it.each([
  ['/deals?minAmount=much', 'minAmount'],
  ['/deals?stage=hopeful', 'stage'],
  ['/deals?closeDateFrom=tomorrow', 'closeDateFrom'],
  ['/accounts?limit=0', 'limit'],
  ['/accounts?limit=101', 'limit'],
  ['/accounts?nmae=northwind', 'nmae'],
  ['/sales/summary?year=2023', 'quarter'],
])('answers 400 to %s and names %s', async (path, parameter) => {
  const { status, body } = await get(path);
  expect(status).toBe(400);
  expect(body.error.details).toEqual([expect.objectContaining({ path: parameter })]);
});

it.each([
  [{ ...call(), scheduledAt: 'tomorrow at 10' }, '/scheduledAt'],
  [{ ...call(), scheduledAt: undefined }, '/scheduledAt'],
  [{ ...call(), subject: 5 }, '/subject'],
  [{ ...call(), mood: 'good' }, '/mood'],
  [{ ...call(), accountId: 'acc_999999' }, '/accountId'],
])('refuses the activity %j and names %s', async (body, path) => {
  const before = crm.data.activities.length;
  const answer = await send('POST', '/activities', { body });
  expect(answer.status).toBe(400);
  expect(answer.body.error.details).toEqual([expect.objectContaining({ path })]);
  expect(crm.data.activities).toHaveLength(before);
});

it('refuses a fraction of a cent', async () => {
  const answer = await send('PATCH', '/deals/dea_000001', { body: { amount: 10.005 } });
  expect(answer.status).toBe(400);
  expect(crm.data.deals[0]?.amount).toBe(84500.25);
});

it('records a call and shows it afterwards', async () => {
  const created = await send('POST', '/activities', { body: call('Shown afterwards') });
  expect([created.status, created.body.status, created.body.ownerId]).toEqual([201, 'planned', 'usr_000003']);
  expect((await get(`/activities/${created.body.id}`)).body).toEqual(created.body);
  const listed = await get(
    '/activities?accountId=acc_000002&type=call&from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00Z',
  );
  expect(listed.body.items).toContainEqual(created.body);
});

it('changes and deletes, and keeps an account that has deals', async () => {
  const body = { name: 'Short-lived', industry: 'Retail', region: 'EMEA', ownerId: 'usr_000001' };
  const { id } = (await send('POST', '/accounts', { body })).body;
  const changed = await send('PATCH', `/accounts/${id}`, { body: { region: 'APAC' } });
  expect([changed.body.region, changed.body.name]).toEqual(['APAC', 'Short-lived']);
  expect((await send('DELETE', `/accounts/${id}`)).status).toBe(204);
  expect((await get(`/accounts/${id}`)).status).toBe(404);
  const another = (await send('POST', '/accounts', { body })).body;
  expect(another.id).not.toBe(id);
  expect((await send('DELETE', '/accounts/acc_000001')).status).toBe(409);
});

it('answers JSON errors to what is not JSON or no body at all', async () => {
  const headers = { authorization: 'Bearer crm_test', 'content-type': 'application/json' };
  const broken = await fetch(`${crm.url}/v1/activities`, { method: 'POST', headers, body: '{"type":' });
  const { error } = (await broken.json()) as Answer;
  expect([broken.status, error.code]).toEqual([400, 'invalid_request']);
  expect((await send('POST', '/activities')).status).toBe(400);
});

it('refuses a token of another form', async () => {
  await expect(startCrm({ token: 'secret' })).rejects.toThrow('must be crm_');
});
