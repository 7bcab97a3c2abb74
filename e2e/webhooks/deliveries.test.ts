// One delivery with its body and the answer of the receiver, and the retry of all failed deliveries.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, type Office, payments, startOffice } from '../fixtures/office.ts';
import { type Receiver, startReceiver, within } from '../fixtures/receiver.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';

let receiver: Receiver;
let office: Office;
let sql: pg.Pool;
beforeAll(async () => {
  receiver = await startReceiver();
  office = await startOffice({ allow: [receiver.origin] });
  sql = new pg.Pool({ connectionString: office.stack.databaseUrl, max: 2 });
});
afterAll(async () => {
  await sql.end();
  await office.close();
  await receiver.close();
});

const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });
  const make = async () => {
    const name = randomUUID();
    return { name, ...(await api.webhooks.create({ url: receiver.urlOf(name), events: ['run.end'] })) };
  };

  test('a delivery has its body, and the answer of its last failure without secrets; a list has neither', async () => {
    const { name, webhookId, secret } = await make();
    const text = `No: ${secret} ${secret.slice('whsec_'.length)} er_live_0123456789abcdef \u0000${'x'.repeat(5000)}`;
    receiver.answer(name, { status: 503, text });
    const { runId } = await api.runs.create(payments(office, [1], { approvalStrategy: 'NONE' }));
    await ended(api, runId);
    const page = () => api.webhooks.deliveries({ webhookId });
    await expect.poll(async () => (await page()).deliveries[0]?.lastStatus, within).toBe(503);
    const [hit] = await receiver.posts(name, 1);
    const { deliveryId } = (await page()).deliveries[0]!;

    const failed = await api.webhooks.delivery({ webhookId, deliveryId });

    expect(failed).toMatchObject({ deliveryId, runId, lastStatus: 503, body: hit!.body });
    expect(failed.lastAnswer).toMatch(/^No: \[secret\] \[secret\] \[secret\] x+$/);
    expect(failed.lastAnswer!.length).toBeLessThanOrEqual(4096);
    const [listed] = (await page()).deliveries;
    for (const member of ['body', 'lastAnswer']) expect(listed).not.toHaveProperty(member);
    await sql.query('UPDATE webhook SET rests_until = NULL WHERE webhook_id = $1', [webhookId]);
    await api.webhooks.redeliver({ webhookId, deliveryId });
    await expect.poll(async () => (await page()).deliveries[0]?.state, within).toBe('delivered');
    const delivered = await api.webhooks.delivery({ webhookId, deliveryId });
    expect(delivered.body).toBe(hit!.body);
    expect(delivered).not.toHaveProperty('lastAnswer');
  });

  test('the body of a delivery at the first attempt is rendered; without its run it is absent', async () => {
    const { name, webhookId } = await make();
    const { runId } = await api.runs.create(payments(office, [1], { approvalStrategy: 'NONE' }));
    const [hit] = await receiver.posts(name, 1);
    const page = () => api.webhooks.deliveries({ webhookId });
    await expect.poll(async () => (await page()).deliveries[0]?.state, within).toBe('delivered');
    const { deliveryId } = (await page()).deliveries[0]!;
    expect((await api.webhooks.delivery({ webhookId, deliveryId })).body).toBe(hit!.body);
    await sql.query('DELETE FROM run WHERE run_id = $1', [runId]);
    expect(await api.webhooks.delivery({ webhookId, deliveryId })).not.toHaveProperty('body');
  });

  test('a delivery also needs runs:read', async () => {
    const { webhookId } = await make();
    const { deliveryId } = await api.webhooks.test({ webhookId });
    const { key } = await api.apiKeys.create({ name: 'hooks', scopes: ['webhooks:write'] });
    const hooks = apiOver({ ...office.stack, apiKey: key });
    expect((await hooks.webhooks.deliveries({ webhookId })).deliveries).toMatchObject([{ deliveryId }]);
    await expect(hooks.webhooks.delivery({ webhookId, deliveryId })).rejects.toEqual(
      refused(403, 'insufficient_scope'),
    );
    await expect(api.webhooks.delivery({ webhookId, deliveryId: randomUUID() })).rejects.toEqual(
      refused(404, 'not_found'),
    );
  });

  test('failed deliveries are retried a hundred at a time', async () => {
    const { name, webhookId } = await make();
    await sql.query(
      `INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, data, state, attempts, next_attempt_at)
       SELECT workspace_id, gen_random_uuid(), webhook_id, 'webhook.test', '{}', 'failed', 14, NULL
       FROM webhook, generate_series(1, 103) WHERE webhook_id = $1`,
      [webhookId],
    );
    const failed = { webhookId, state: 'failed' } as const;
    await api.webhooks.patch({ webhookId, active: false });
    await expect(api.webhooks.redeliverMany(failed)).rejects.toEqual(refused(409, 'webhook_inactive'));
    await api.webhooks.patch({ webhookId, active: true });
    expect(await api.webhooks.redeliverMany(failed)).toEqual({ redelivered: 100, hasMore: true });
    expect(await api.webhooks.redeliverMany(failed)).toEqual({ redelivered: 3, hasMore: false });
    expect(await api.webhooks.redeliverMany(failed)).toEqual({ redelivered: 0, hasMore: false });
    await receiver.posts(name, 103);
    expect(await api.webhooks.deliveries(failed)).toEqual({ deliveries: [] });
  });
});

test('a long answer is cut', async () => {
  const api = overRest(office.stack);
  const name = randomUUID();
  receiver.answer(name, { status: 500, text: 'é'.repeat(100_000) });
  const { webhookId } = await api.webhooks.create({ url: receiver.urlOf(name), events: ['run.end'] });
  const { deliveryId } = await api.webhooks.test({ webhookId });
  const answer = async () => (await api.webhooks.delivery({ webhookId, deliveryId })).lastAnswer;
  await expect.poll(answer, within).toMatch(/^é{2000,4096}/);
  expect((await answer())!.length).toBeLessThanOrEqual(4096);
});
