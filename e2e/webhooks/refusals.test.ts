// Refused webhooks, pages of deliveries, and webhooks in the audit log.
import { randomUUID } from 'node:crypto';
import { webhookEvents } from '@errand/contracts';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Office, startOffice } from '../fixtures/office.ts';
import { type Receiver, startReceiver } from '../fixtures/receiver.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';

let receiver: Receiver;
let inside: Receiver;
let office: Office;
let sql: pg.Pool;
beforeAll(async () => {
  [receiver, inside] = await Promise.all([startReceiver(), startReceiver()]);
  office = await startOffice({ allow: [receiver.origin] });
  sql = new pg.Pool({ connectionString: office.stack.databaseUrl, max: 2 });
});
afterAll(async () => {
  await sql.end();
  await office.close();
  await Promise.all([receiver.close(), inside.close()]);
});
afterEach(async () => {
  await sql.query('DELETE FROM webhook');
});

const refused = (status: number, code: string, pointer?: string) =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({ code, ...(pointer && { errors: [expect.objectContaining({ pointer })] }) }),
  });
describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });
  const make = () => api.webhooks.create({ url: receiver.urlOf(randomUUID()), events: ['run.end'] });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fd00:ec2::254]/',
    'https://0/',
    'https://db.internal/',
    'https://metadata.google.internal/#safe.example.com',
    'https://safe.example.com@127.0.0.1/',
    'https://127。0。0。1/',
    'https://localhost./',
    'https://10.0.0.1/',
    'http://127.0.0.1:PORT/hook',
    'http://localhost:PORT/hook',
    'https://user:password@example.com/',
    'https://example.com:8443/',
    'https://example.com:0/',
    'http://example.com/',
    'ftp://example.com/',
    'javascript:1',
    'not a url',
  ])('%s is refused, on creation and on change', async (template) => {
    const url = template.replace('PORT', new URL(inside.origin).port);
    const making = api.webhooks.create({ url, events: ['*'] });
    await expect(making).rejects.toEqual(refused(400, 'url_not_allowed', '/url'));
    const { webhookId } = await make();
    const changing = api.webhooks.patch({ webhookId, url });
    await expect(changing).rejects.toEqual(refused(400, 'url_not_allowed', '/url'));
    expect(inside.connections()).toBe(0);
  });

  test('an unknown event is refused with the events that there are, however long it is', async () => {
    const url = receiver.urlOf('never');
    for (const event of ['nope', 'x'.repeat(100_000)]) {
      const making = api.webhooks.create({ url, events: [event] as never });
      const { problem } = await making.catch((error) => error);
      const message = `Invalid input: expected one of "*"|${webhookEvents.map((name) => `"${name}"`).join('|')}`;
      expect(problem).toMatchObject({
        code: 'validation_failed',
        detail: `/events/0: ${message}`,
        errors: [{ pointer: '/events/0', message }],
      });
      expect(JSON.stringify(problem).length).toBeLessThan(1500);
    }
  });

  test('an invalid webhook is refused', async () => {
    const url = receiver.urlOf('never');
    const bad = (input: object, pointer: string) =>
      expect(api.webhooks.create({ url, events: ['*'], ...input })).rejects.toEqual(
        refused(400, 'validation_failed', pointer),
      );
    await bad({ events: [] }, '/events');
    await bad({ events: ['run.endd'] }, '/events/0');
    await bad({ events: ['run.end', 'run.end'] }, '/events');
    await bad({ description: 'x'.repeat(201) }, '/description');
    await bad({ secret: 'whsec_mine' }, '');
    await expect(api.webhooks.create({ url, events: ['*'], idempotencyKey: 'k' })).rejects.toEqual(
      refused(400, 'not_supported', '/idempotencyKey'),
    );
    await expect(api.webhooks.get({ webhookId: 'x' })).rejects.toEqual(refused(400, 'validation_failed'));
    await expect(api.webhooks.deliveries({ webhookId: randomUUID() })).rejects.toEqual(refused(404, 'not_found'));
    const { webhookId } = await make();
    await expect(api.webhooks.redeliver({ webhookId, deliveryId: randomUUID() })).rejects.toEqual(
      refused(404, 'not_found'),
    );
    await expect(api.webhooks.deliveries({ webhookId, cursor: 'x' })).rejects.toEqual(refused(400, 'invalid_cursor'));
    const blind = apiOver(await office.callerWith('webhooks:write'));
    await expect(blind.webhooks.create({ url, events: ['*'] })).rejects.toEqual(refused(403, 'insufficient_scope'));
    await expect(blind.webhooks.rotate({ webhookId })).rejects.toEqual(refused(403, 'insufficient_scope'));
    const reader = apiOver(await office.callerWith('runs:read', 'runs:write'));
    await expect(reader.webhooks.list({})).rejects.toEqual(refused(403, 'insufficient_scope'));
    expect(receiver.hitsOf('never')).toEqual([]);
  });

  test('a page of deliveries follows the other; changes are in the audit log', async () => {
    const { webhookId } = await make();
    for (let n = 0; n < 3; n++) await api.webhooks.test({ webhookId });
    const first = await api.webhooks.deliveries({ webhookId, pageSize: 2 });
    const rest = await api.webhooks.deliveries({ webhookId, pageSize: 2, cursor: first.nextCursor! });
    expect([first.deliveries.length, rest.deliveries.length, rest.nextCursor]).toEqual([2, 1, undefined]);
    await api.webhooks.patch({ webhookId, description: 'Inbox', events: ['*'], active: false });
    expect(await api.webhooks.patch({ webhookId, description: null })).not.toHaveProperty('description');
    await api.webhooks.delete({ webhookId });
    await expect(api.webhooks.get({ webhookId })).rejects.toEqual(refused(404, 'not_found'));
    const { entries } = await api.audit.list({});
    const actions = entries.filter(({ target }) => target === webhookId).map(({ action }) => action);
    expect(actions).toEqual(['webhook.deleted', 'webhook.changed', 'webhook.changed', 'webhook.created']);
  });
});

test('a workspace has at most twenty webhooks, even with concurrent requests', async () => {
  const api = overRest(office.stack);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => api.webhooks.create({ url: receiver.urlOf(`many${n}`), events: ['run.end'] })),
  );
  const failed = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(failed).toHaveLength(10);
  for (const { reason } of failed) expect(reason).toEqual(refused(409, 'webhook_limit_reached'));
});
