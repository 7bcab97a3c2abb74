import { afterEach, expect, it } from 'vitest';
import { type Crm, type CrmOptions, startCrm } from './start.ts';

let crm: Crm;
afterEach(() => crm.close());
const start = async (options: CrmOptions = {}) => {
  crm = await startCrm(options);
};

const create = (path: string, key: string, body: object) =>
  fetch(`${crm.url}/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${crm.token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
const ticket = { accountId: 'acc_000001', subject: 'Cannot sign in' };

it('answers a repeat with the first answer, and makes nothing', async () => {
  await start();
  const before = crm.data.tickets.length;
  const first = await create('/tickets', 'k1', ticket);
  const second = await create('/tickets', 'k1', ticket);
  expect([second.status, await second.json()]).toEqual([201, await first.json()]);
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  expect(crm.data.tickets).toHaveLength(before + 1);
  expect(crm.requests.map(({ operation, status, replayed }) => ({ operation, status, replayed }))).toEqual([
    { operation: 'createTicket', status: 201, replayed: false },
    { operation: 'createTicket', status: 201, replayed: true },
  ]);
});

it('refuses a key that comes with another body', async () => {
  await start();
  await create('/tickets', 'k1', ticket);
  const answer = await create('/tickets', 'k1', { ...ticket, subject: 'Export is slow' });
  expect(answer.status).toBe(422);
});

it('refuses a key that is too long', async () => {
  await start();
  const answer = await create('/tickets', 'k'.repeat(256), ticket);
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('idempotency-key')]);
});

it('keeps keys of different operations apart and forgets refused requests', async () => {
  await start();
  const contact = { accountId: 'acc_000001', name: 'Hana Ito', email: 'hana.ito@northwind.example' };
  expect((await create('/tickets', 'k1', { ...ticket, accountId: 'acc_999999' })).status).toBe(400);
  expect((await create('/tickets', 'k1', ticket)).status).toBe(201);
  expect((await create('/contacts', 'k1', contact)).status).toBe(201);
});

it('makes one row of many requests at once', async () => {
  await start({ latencyMs: 5 });
  const before = crm.data.tickets.length;
  const answers = await Promise.all(Array.from({ length: 20 }, () => create('/tickets', 'k1', ticket)));
  const bodies = new Set(await Promise.all(answers.map((answer) => answer.text())));
  expect([bodies.size, crm.data.tickets.length - before]).toEqual([1, 1]);
});

it('holds a request back until the hook lets it go', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrived = () => {};
  const seen = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await start({
    onRequest: () => {
      arrived();
      return gate;
    },
  });
  const before = crm.data.tickets.length;
  const answer = create('/tickets', 'k1', ticket);
  await seen;
  expect(crm.data.tickets).toHaveLength(before);
  release();
  expect((await answer).status).toBe(201);
});
