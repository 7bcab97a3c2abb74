// Webhooks under attack: names that change their address, changes during deliveries, slow receivers, and floods.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exhaustive } from '../fixtures/combine.ts';
import { ended, type Office, payments, startOffice } from '../fixtures/office.ts';
import { idOf, type Receiver, startReceiver, verified, within } from '../fixtures/receiver.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let receiver: Receiver;
let office: Office<Stack>;
let sql: pg.Pool;
let api: Api;
beforeAll(async () => {
  receiver = await startReceiver();
  const rebind = new URL('../fixtures/rebind.mjs', import.meta.url).href;
  office = await startOffice({ allow: [receiver.origin], env: { NODE_OPTIONS: `--import ${rebind}` } });
  sql = new pg.Pool({ connectionString: office.stack.databaseUrl, max: 2 });
  api = overRest(office.stack);
});
afterAll(async () => {
  await sql.end();
  await office.close();
  await receiver.close();
});
afterEach(async () => {
  await sql.query('DELETE FROM webhook');
  await sql.query('DELETE FROM webhook_message');
});

const make = async (
  name: string = randomUUID(),
  who = api,
  event: 'schedule.paused' | 'run.end' = 'schedule.paused',
) => ({
  name,
  ...(await who.webhooks.create({ url: receiver.urlOf(name), events: [event] })),
});
/** Writes messages to the outbox of the workspace, like many schedules that pause. */
const flood = (count: number, type = 'schedule.paused') =>
  sql.query(
    `INSERT INTO webhook_message (workspace_id, message_id, type, data)
     SELECT w.workspace_id, errand_audit.new_id(), $2, jsonb_build_object('scheduleId', gen_random_uuid(), 'name', 'n' || n, 'reason', 'key_revoked')
     FROM (SELECT DISTINCT workspace_id FROM webhook) AS w, generate_series(1, $1::int) AS n`,
    [count, type],
  );
const hurry = (webhookId: string) =>
  sql.query(
    `WITH d AS (UPDATE webhook_delivery SET next_attempt_at = now() WHERE webhook_id = $1 AND last_error IS NOT NULL AND state = 'pending')
     UPDATE webhook SET rests_until = NULL WHERE webhook_id = $1`,
    [webhookId],
  );
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${office.stack.pid}/status`, 'utf8'))![1]) / 1024;
/** A promise and its resolver. */
const gate = <T>() => {
  let open = (_: T) => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { held: opened, open };
};

test('a name that was public at registration and is this machine at delivery gets nothing', async () => {
  const { webhookId } = await api.webhooks.create({ url: 'https://rebind.example.com/hook', events: ['run.end'] });
  await api.webhooks.test({ webhookId });
  const last = async () => (await api.webhooks.deliveries({ webhookId })).deliveries[0];
  await expect.poll(async () => (await last())?.lastError, within).toBe('Its address may not be called.');
  expect(await last()).toMatchObject({ state: 'pending', attempts: 1 });
  expect(await last()).not.toHaveProperty('lastStatus');
  expect(office.stack.log()).toContain('rebind.example.com resolves to 127.0.0.1');
});

test('a rotation during a delivery loses no post, and the next attempt verifies with both secrets', async () => {
  const { name, secret, webhookId } = await make();
  const { held: opened, open } = gate<number>();
  receiver.answer(name, opened);
  await api.webhooks.test({ webhookId });
  const [first] = await receiver.posts(name, 1);
  const rotated = await api.webhooks.rotate({ webhookId });
  open(500);
  const failed = async () => (await api.webhooks.deliveries({ webhookId })).deliveries[0]!.lastStatus;
  await expect.poll(failed, within).toBe(500);
  await hurry(webhookId);
  const [, second] = await receiver.posts(name, 2);
  expect(() => verified(rotated.secret, first!)).toThrow();
  expect(verified(secret, first!)).toEqual(verified(secret, second!));
  expect(verified(rotated.secret, second!)).toEqual(verified(secret, second!));
  expect(idOf(second!)).toBe(idOf(first!));
});

test('after a deletion or change during a delivery nothing is posted to the old address, and others continue', async () => {
  const [gone, moved] = [await make(), await make()];
  const gates = [gate<number>(), gate<number>()];
  receiver.answer(gone.name, gates[0]!.held);
  receiver.answer(moved.name, gates[1]!.held);
  for (const { webhookId } of [gone, moved]) await api.webhooks.test({ webhookId });
  for (const { name } of [gone, moved]) await receiver.posts(name, 1);
  await api.webhooks.delete({ webhookId: gone.webhookId });
  const to = randomUUID();
  await api.webhooks.patch({ webhookId: moved.webhookId, url: receiver.urlOf(to) });
  for (const { open } of gates) open(500);
  const failed = async () => (await api.webhooks.deliveries({ webhookId: moved.webhookId })).deliveries[0]!.lastStatus;
  await expect.poll(failed, within).toBe(500);
  await hurry(moved.webhookId);
  const [hit] = await receiver.posts(to, 1);
  expect(verified(moved.secret, hit!)).toMatchObject({ type: 'webhook.test' });
  await expect(api.webhooks.get({ webhookId: gone.webhookId })).rejects.toMatchObject({ status: 404 });
  expect([gone, moved].map(({ name }) => receiver.hitsOf(name).length)).toEqual([1, 1]);
  expect((await sql.query('SELECT FROM webhook_delivery WHERE webhook_id = $1', [gone.webhookId])).rows).toEqual([]);
});

test('two workspaces with the same address have separate secrets, deliveries and ends', async () => {
  const otherApi = overRest(await office.stranger());
  const name = randomUUID();
  const [mine, theirs] = [await make(name), await make(name, otherApi)];
  receiver.answer(name, 410);
  await api.webhooks.test({ webhookId: mine.webhookId });
  await expect.poll(async () => (await api.webhooks.get({ webhookId: mine.webhookId })).active, within).toBe(false);
  const { webhookId } = theirs;
  expect(await otherApi.webhooks.get({ webhookId })).toMatchObject({ active: true });
  await otherApi.webhooks.test({ webhookId });
  const [first, second] = await receiver.posts(name, 2);
  expect(verified(mine.secret, first!)).toMatchObject({ data: { webhookId: mine.webhookId } });
  expect(verified(theirs.secret, second!)).toMatchObject({ data: { webhookId } });
  expect(() => verified(mine.secret, second!)).toThrow();
  await expect(api.webhooks.get({ webhookId })).rejects.toMatchObject({ status: 404 });
});

test('slow receivers delay no other receiver of their workspace', async () => {
  const slow = await Promise.all(Array.from({ length: 4 }, () => make()));
  const quick = await make(undefined, undefined, 'run.end');
  for (const { name } of slow) receiver.answer(name, ...Array<'late'>(500).fill('late'));
  // Each of the slow ones needs thirteen rounds of two seconds.
  await flood(200);
  for (const { name } of slow) await receiver.posts(name, 1);
  for (let n = 0; n < 20; n++)
    await ended(api, (await api.runs.create(payments(office, [1], { approvalStrategy: 'NONE' }))).runId);
  await receiver.posts(quick.name, 20);
  for (const { name } of slow) expect(receiver.hitsOf(name).length).toBeLessThan(150);
});

const EVENTS = exhaustive ? 3000 : 300;

test(`${EVENTS} events at once to one that never answers and one that does: the latter gets all, once, and memory stays flat`, async () => {
  const stuck = await make();
  const quick = await make();
  receiver.answer(stuck.name, ...Array<'hang'>(500).fill('hang'));
  const before = rss();
  let most = 0;
  await flood(EVENTS);
  const poll = { timeout: 120_000, interval: 250 };
  const leakedTexts = () => {
    most = Math.max(most, rss());
    return receiver.hitsOf(quick.name).length;
  };
  await expect.poll(leakedTexts, poll).toBe(EVENTS);
  expect(new Set(receiver.hitsOf(quick.name).map(idOf)).size).toBe(EVENTS);
  expect(most - before).toBeLessThan(150);
  const { runId } = await api.runs.create(payments(office, [1], { approvalStrategy: 'NONE' }));
  expect(await ended(api, runId)).toMatchObject({ status: 'SUCCESS' });
}, 180_000);
