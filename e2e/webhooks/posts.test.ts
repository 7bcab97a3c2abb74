// The posts to webhooks: their receivers, signatures and retries.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { ended, type Office, payments, startOffice, startWaiting } from '../fixtures/office.ts';
import { idOf, type Receiver, startReceiver, verified, within } from '../fixtures/receiver.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let receiver: Receiver;
let inside: Receiver;
let office: Office<Stack>;
let sql: pg.Pool;
let api: Api;
beforeAll(async () => {
  [receiver, inside] = await Promise.all([startReceiver(), startReceiver()]);
  office = await startOffice({ allow: [receiver.origin] });
  sql = new pg.Pool({ connectionString: office.stack.databaseUrl, max: 2 });
  api = overRest(office.stack);
});
afterAll(async () => {
  await sql.end();
  await office.close();
  await Promise.all([receiver.close(), inside.close()]);
});
afterEach(async () => {
  await sql.query('DELETE FROM webhook');
});

/** Makes scheduled retries due now. */
const hurry = async (webhookId: string) => {
  await sql.query(`UPDATE webhook SET rests_until = NULL WHERE webhook_id = $1`, [webhookId]);
  await sql.query(
    `UPDATE webhook_delivery SET next_attempt_at = now() WHERE webhook_id = $1 AND state = 'pending' AND last_error IS NOT NULL`,
    [webhookId],
  );
};

const make = async (events = ['run.end']) => {
  const name = randomUUID();
  const webhook = await api.webhooks.create({ url: receiver.urlOf(name), events: events as ['run.end'] });
  return { name, ...webhook };
};
const payNow = (more: object = {}) => api.runs.create(payments(office, [1], { approvalStrategy: 'NONE', ...more }));

test('the end of a run is posted, signed, with its head and without result, and only to subscribed webhooks', async () => {
  const wants = await make(['run.end']);
  const otherWebhook = await make(['run.waiting']);
  const { runId } = await api.runs.create(
    payments(office, [1], { approvalStrategy: 'NONE', metadata: { of: wants.name } }),
  );
  const run = await ended(api, runId);
  const [hit] = await receiver.posts(wants.name, 1);
  expect(verified(wants.secret, hit!)).toMatchObject({
    type: 'run.end',
    data: {
      event: { type: 'end', seq: run.events.at(-1)!.seq, runId, runStatus: 'SUCCESS', summary: run.summary },
      run: {
        runId,
        status: 'SUCCESS',
        intent: 'Pay the bills',
        userId: 'user-123',
        metadata: { of: wants.name },
        usage: { toolCalls: 1 },
        endedAt: run.endedAt,
      },
    },
  });
  expect(hit!.headers['content-type']).toBe('application/json');
  expect(idOf(hit!)).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(() => verified(otherWebhook.secret, hit!)).toThrow();
  expect(() => verified(wants.secret, { ...hit!, body: hit!.body.replace('SUCCESS', 'FAILED') })).toThrow();
  expect(receiver.hitsOf(otherWebhook.name)).toEqual([]);
  const { deliveries } = await api.webhooks.deliveries({ webhookId: wants.webhookId });
  expect(deliveries).toMatchObject([
    { state: 'delivered', attempts: 1, lastStatus: 200, type: 'run.end', runId, messageId: idOf(hit!) },
  ]);
  expect((await api.webhooks.deliveries({ webhookId: otherWebhook.webhookId })).deliveries).toEqual([]);
});

test('a waiting run is posted with its open requests, but without a deciding link', async () => {
  const { name, secret } = await make(['run.waiting']);
  const run = await startWaiting(api, payments(office, [7]));
  const [hit] = await receiver.posts(name, 1);
  const { approvalId } = run.waitingOn[0]!;
  expect(verified(secret, hit!)).toMatchObject({
    type: 'run.waiting',
    data: {
      event: { type: 'status', runStatus: 'PAUSED', runId: run.runId },
      run: {
        status: 'PAUSED',
        waitingOn: [{ kind: run.waitingOn[0]!.kind, approvalId, text: run.waitingOn[0]!.text }],
      },
    },
  });
  expect(hit!.body).not.toMatch(/token=|"url"|https?:/);
  await api.runs.cancel({ runId: run.runId });
  expect(receiver.hitsOf(name)).toHaveLength(1);
});

test('the messages of a run that goes on show the run as it was at their event', async () => {
  const { name, secret, webhookId } = await make(['run.started', 'run.waiting', 'run.end']);
  await sql.query(`UPDATE webhook SET rests_until = now() + interval '1 hour' WHERE webhook_id = $1`, [webhookId]);
  const run = await startWaiting(api, payments(office, [8]));
  const { approvalId } = run.waitingOn[0]!;
  await api.approvals.decide({ approvalId: approvalId!, decision: 'approve' });
  const end = await ended(api, run.runId);
  await hurry(webhookId);
  const posts = (await receiver.posts(name, 3)).map((hit) => verified(secret, hit));
  const bodies = Object.fromEntries(posts.map((body) => [(body as { type: string }).type, body]));
  expect(bodies).toMatchObject({
    'run.started': { data: { event: { type: 'start', seq: 1 }, run: { status: 'RUNNING', usage: { toolCalls: 0 } } } },
    'run.waiting': { data: { run: { status: 'PAUSED', usage: { toolCalls: 0 }, waitingOn: [{ approvalId }] } } },
    'run.end': { data: { run: { status: 'SUCCESS', usage: { toolCalls: 1 }, endedAt: end.endedAt } } },
  });
  for (const type of ['run.started', 'run.waiting']) {
    expect(bodies[type]).not.toHaveProperty('data.run.endedAt');
    expect(bodies[type]).not.toHaveProperty('data.run.result');
  }
  expect(bodies['run.started']).not.toHaveProperty('data.run.waitingOn');
});

test('a credential is posted when the user gives it first, and when it replaces a rejected one', async () => {
  const { name, secret } = await make(['connection.created', 'connection.needs_reconnect']);
  const { customerIntegrationId } = await api.integrations.create({
    name: 'Notes',
    kind: 'openapi',
    document: office.stub.document,
    auth: { type: 'API_TOKEN' },
  });
  const user = { customerIntegrationId, userId: randomUUID() };
  const give = (apiToken: string) => api.integrations.putCredentials({ ...user, apiToken });
  await give('first-token');
  await give('second-token');
  await sql.query('UPDATE integration_user SET token_rejected_at = now() WHERE user_id = $1', [user.userId]);
  await give('third-token');
  const posts = (await receiver.posts(name, 3)).map((hit) => verified(secret, hit) as { type: string; data: object });
  const data = { ...user, integrationName: 'Notes' };
  expect(posts.map(({ type, data }) => ({ type, data })).sort((a, b) => a.type.localeCompare(b.type))).toEqual(
    expect.arrayContaining([
      { type: 'connection.created', data: { ...data, reconnected: false } },
      { type: 'connection.created', data: { ...data, reconnected: true } },
      { type: 'connection.needs_reconnect', data },
    ]),
  );
  expect(JSON.stringify(posts)).not.toContain('token');
});

test('a large result and large metadata are references', async () => {
  const { name, secret } = await make();
  const plan = {
    goal: 'Write much',
    steps: [{ id: 'seen', tool: `${office.id}.look`, args: {} }],
    result: { $: "$join($map([1..9000], function($n) { 'secret output' }))" },
  };
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v'.repeat(500)]));
  const { runId } = await api.runs.create(aRun({ plan, intent: 'x'.repeat(9000), metadata }));
  const run = await ended(api, runId);
  expect(run.status).toBe('SUCCESS');
  const [hit] = await receiver.posts(name, 1);
  const body = verified(secret, hit!);
  if (body.type !== 'run.end') throw new Error(body.type);
  expect(body.data.run).toMatchObject({ intent: 'x'.repeat(1000), result: { path: `/v1/runs/${runId}` } });
  expect(body.data.run.result!.bytes).toBeGreaterThan(100_000);
  expect(body.data.run).not.toHaveProperty('metadata');
  expect(body.data.event).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
  // The post contains only the sentence about the end.
  expect(hit!.body).not.toContain('secret output'.repeat(40));
  expect(hit!.body.length).toBeLessThan(65_536);
});

test('a failed post is repeated with the same id and body until it succeeds; each attempt is recorded', async () => {
  const { name, secret, webhookId } = await make();
  receiver.answer(name, 500, 302, 404);
  const { runId } = await payNow();
  for (let attempt = 1; attempt <= 4; attempt++) {
    await receiver.posts(name, attempt);
    await expect
      .poll(async () => (await api.webhooks.deliveries({ webhookId })).deliveries[0]!.lastStatus, within)
      .toBe([500, 302, 404, 200][attempt - 1]);
    await hurry(webhookId);
  }
  const hits = receiver.hitsOf(name);
  expect(new Set(hits.map(idOf)).size).toBe(1);
  expect(new Set(hits.map(({ body }) => body)).size).toBe(1);
  for (const hit of hits) expect(verified(secret, hit)).toMatchObject({ data: { run: { runId } } });
  const { deliveries } = await api.webhooks.deliveries({ webhookId });
  expect(deliveries).toMatchObject([{ state: 'delivered', attempts: 4 }]);
  expect(await api.webhooks.get({ webhookId })).not.toHaveProperty('failingSince');
});

test('a delivery is posted again on request, a test at once, whatever its subscriptions', async () => {
  const { name, secret, webhookId } = await make(['webhook.disabled']);
  const first = await api.webhooks.test({ webhookId });
  expect(first).toMatchObject({ state: 'pending', type: 'webhook.test', attempts: 0 });
  const [hit] = await receiver.posts(name, 1);
  expect(verified(secret, hit!)).toMatchObject({ type: 'webhook.test', data: { webhookId } });
  expect(idOf(hit!)).toBe(first.messageId);
  const { deliveryId } = first;
  const delivered = async () => (await api.webhooks.deliveries({ webhookId })).deliveries[0]!.state;
  await expect.poll(delivered, within).toBe('delivered');
  expect(await api.webhooks.redeliver({ webhookId, deliveryId })).toMatchObject({ state: 'pending', attempts: 0 });
  const [, again] = await receiver.posts(name, 2);
  expect([idOf(again!), again!.body]).toEqual([idOf(hit!), hit!.body]);
});

test('after a rotation both secrets verify; the answer shows the new one once', async () => {
  const { name, secret, webhookId } = await make();
  const rotated = await api.webhooks.rotate({ webhookId });
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.secret).not.toBe(secret);
  expect(rotated.secretLast4).toBe(rotated.secret.slice(-4));
  await api.webhooks.test({ webhookId });
  const [hit] = await receiver.posts(name, 1);
  expect(verified(secret, hit!)).toEqual(verified(rotated.secret, hit!));
  await sql.query(`UPDATE webhook SET old_secret_until = now() - interval '1 s' WHERE webhook_id = $1`, [webhookId]);
  await api.webhooks.test({ webhookId });
  const [, later] = await receiver.posts(name, 2);
  expect(() => verified(secret, later!)).toThrow();
  expect(verified(rotated.secret, later!)).toMatchObject({ type: 'webhook.test' });
  const visibleText = JSON.stringify([await api.webhooks.get({ webhookId }), (await api.webhooks.list({})).webhooks]);
  expect(visibleText).not.toContain('whsec_');
  const stored = await sql.query('SELECT to_jsonb(w)::text AS row FROM webhook w');
  expect(JSON.stringify(stored.rows)).not.toContain(rotated.secret.slice(6));
  expect(office.stack.log()).not.toContain(rotated.secret.slice(6));
});

test('410 disables it and notifies the others; enabled again it is retried', async () => {
  const { name, webhookId, url } = await make();
  const others = await make(['webhook.disabled']);
  receiver.answer(name, 410);
  await api.webhooks.test({ webhookId });
  await expect.poll(async () => (await api.webhooks.get({ webhookId })).active, within).toBe(false);
  expect(await api.webhooks.get({ webhookId })).toMatchObject({ disabledBecause: 'gone' });
  const [hit] = await receiver.posts(others.name, 1);
  expect(verified(others.secret, hit!)).toMatchObject({
    type: 'webhook.disabled',
    data: { webhookId, url, reason: 'gone' },
  });
  const { entries } = await api.audit.list({ action: 'webhook.disabled' });
  expect(entries[0]).toMatchObject({ target: webhookId, actor: { type: 'system' }, details: { reason: 'gone' } });
  await expect(api.webhooks.test({ webhookId })).rejects.toMatchObject({ problem: { code: 'webhook_inactive' } });
  await hurry(webhookId);
  const on = await api.webhooks.patch({ webhookId, active: true });
  expect(on).toMatchObject({ active: true });
  expect(on).not.toHaveProperty('disabledBecause');
  await receiver.posts(name, 2);
  expect(new Set(receiver.hitsOf(name).map(idOf)).size).toBe(1);
});

test('a webhook whose secret cannot be decrypted is disabled, and posts again with a new one', async () => {
  const { name, webhookId, url } = await make();
  const others = await make(['webhook.disabled']);
  await sql.query(
    `UPDATE webhook SET sealed_secret = overlay(sealed_secret placing '\\x00' from 40) WHERE webhook_id = $1`,
    [webhookId],
  );
  await payNow();
  await expect.poll(async () => (await api.webhooks.get({ webhookId })).disabledBecause, within).toBe('secret_lost');
  const [hit] = await receiver.posts(others.name, 1);
  expect(verified(others.secret, hit!)).toMatchObject({ data: { webhookId, url, reason: 'secret_lost' } });
  const { entries } = await api.audit.list({ action: 'webhook.disabled' });
  expect(entries[0]).toMatchObject({ target: webhookId, details: { reason: 'secret_lost' } });
  const { deliveries } = await api.webhooks.deliveries({ webhookId });
  expect(deliveries).toMatchObject([{ state: 'pending', attempts: 0 }]);
  expect(receiver.hitsOf(name)).toEqual([]);

  const { secret, ...rotated } = await api.webhooks.rotate({ webhookId });
  expect(rotated).not.toHaveProperty('oldSecretUntil');
  await api.webhooks.patch({ webhookId, active: true });
  const [later] = await receiver.posts(name, 1);
  expect(verified(secret, later!)).toMatchObject({ type: 'run.end' });
});

test('after five days of failure it is disabled; a delivery ends after 14 attempts', async () => {
  const { name, webhookId } = await make();
  receiver.answer(name, 500, 500);
  await api.webhooks.test({ webhookId });
  await receiver.posts(name, 1);
  await expect.poll(async () => (await api.webhooks.get({ webhookId })).failingSince, within).toBeTruthy();
  await sql.query(`UPDATE webhook SET failing_since = now() - interval '5 days 1 minute' WHERE webhook_id = $1`, [
    webhookId,
  ]);
  await sql.query('UPDATE webhook_delivery SET attempts = 13 WHERE webhook_id = $1', [webhookId]);
  await hurry(webhookId);
  await receiver.posts(name, 2);
  await expect.poll(async () => (await api.webhooks.get({ webhookId })).disabledBecause, within).toBe('failing');
  const { deliveries } = await api.webhooks.deliveries({ webhookId, state: 'failed' });
  expect(deliveries).toMatchObject([{ attempts: 14, lastStatus: 500, lastError: 'It answered 500.' }]);
  expect(deliveries[0]).not.toHaveProperty('nextAttemptAt');
});

test('a redirect is not followed', async () => {
  const { name, webhookId } = await make();
  receiver.answer(name, { location: inside.urlOf('x') });
  await api.webhooks.test({ webhookId });
  const last = async () => (await api.webhooks.deliveries({ webhookId })).deliveries[0]!.lastError;
  await expect.poll(last, within).toContain('redirect');
  expect(inside.connections()).toBe(0);
});
test('receivers that never answer or answer forever delay no other, even in the same workspace', async () => {
  const make = async (name: string) => api.webhooks.create({ url: receiver.urlOf(name), events: ['run.end'] });
  const slow = await make('slow');
  await make('endless');
  await make('quick');
  receiver.answer('slow', ...Array(50).fill('hang'));
  receiver.answer('endless', ...Array(50).fill('endless'));
  const { runId } = await payNow();
  await ended(api, runId);
  const began = Date.now();
  await receiver.posts('quick', 1);
  expect(Date.now() - began).toBeLessThan(5000);
  await receiver.posts('slow', 1);
  // Only the first bytes of an answer are read.
  await receiver.posts('endless', 1);
  const { deliveries } = await api.webhooks.deliveries({ webhookId: slow.webhookId });
  expect(deliveries).toMatchObject([{ state: 'pending', attempts: 1 }]);
});

test('without a subscribed webhook nothing is written', async () => {
  const { webhookId } = await make(['run.waiting']);
  const { runId } = await payNow();
  await ended(api, runId);
  const leftoversSql = 'SELECT 1 FROM webhook_message UNION ALL SELECT 1 FROM webhook_delivery WHERE webhook_id = $1';
  expect((await sql.query(leftoversSql, [webhookId])).rows).toEqual([]);
});
