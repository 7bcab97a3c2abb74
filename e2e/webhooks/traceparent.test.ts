// `traceparent` of webhooks: off by default, and only for messages about a run.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { sampleOf } from '../fixtures/combine.ts';
import { startSink } from '../fixtures/otlp-sink.ts';
import { type Receiver, startReceiver, within } from '../fixtures/receiver.ts';
import { type Stack, stackForTest, startStack } from '../fixtures/stack.ts';
import type { Hit } from '../fixtures/stub.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';
import { anotherWorkspace } from '../fixtures/workspace.ts';

/** The form of version 00 in W3C Trace Context. */
const W3C = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-(0[01])$/;

let receiver: Receiver;
/** A service without a collector. */
let stack: Stack;
let api: Api;
let sql: pg.Pool;
beforeAll(async () => {
  receiver = await startReceiver();
  stack = await startStack({ allow: [receiver.origin] });
  api = overRest(stack);
  sql = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
});
afterAll(async () => {
  await sql.end();
  await stack.close();
  await receiver.close();
});

type Made = { name: string; webhookId: string };

async function make(of: Api, more: object = {}): Promise<Made> {
  const name = randomUUID();
  const { webhookId } = await of.webhooks.create({ url: receiver.urlOf(name), events: ['run.end'], ...more });
  return { name, webhookId };
}

/** Runs an errand of a read. @returns its id */
async function runToEnd(of: Api): Promise<string> {
  const [crm] = (await of.integrations.list({})).integrations;
  const { runId } = await of.runs.create(aRun({ plan: aPlan(`${crm!.customerIntegrationId}.listUsers`) }));
  for await (const event of of.runs.stream({ runId })) if (event.type === 'end') break;
  return runId;
}

const traceparentOf = ({ headers }: Hit) => headers.traceparent as string | undefined;

/** The parts of a valid header. */
function partsOf(hit: Hit) {
  const [, traceId, spanId, flags] = W3C.exec(traceparentOf(hit) ?? '') ?? [];
  return { traceId, spanId, flags };
}

const hexOf = (runId: string) => runId.replaceAll('-', '');

describe.each(transports)('over %s', (_, apiOver) => {
  test('a webhook shows its setting, off by default, which a change alters alone', async () => {
    const { webhooks, audit } = apiOver(stack);
    const input = { url: receiver.urlOf('a'), events: ['run.end' as const] };
    const off = await webhooks.create(input);
    const on = await webhooks.create({ ...input, traceparent: true });
    expect([off.traceparent, on.traceparent]).toEqual([false, true]);
    const listed = (await webhooks.list({})).webhooks.slice(0, 2);
    expect(listed.map(({ traceparent }) => traceparent)).toEqual([true, false]);

    const { webhookId } = on;
    expect(await webhooks.patch({ webhookId, description: 'x' })).toMatchObject({ traceparent: true });
    expect(await webhooks.patch({ webhookId, traceparent: false })).toMatchObject({
      traceparent: false,
      description: 'x',
      events: ['run.end'],
      active: true,
    });
    expect(await webhooks.get({ webhookId })).toMatchObject({ traceparent: false });
    expect((await webhooks.rotate({ webhookId })).traceparent).toBe(false);
    const { entries } = await audit.list({ target: webhookId });
    expect(entries.map(({ action, details }) => [action, details?.traceparent])).toEqual([
      ['webhook.rotated', undefined],
      ['webhook.changed', false],
      ['webhook.changed', undefined],
      ['webhook.created', true],
    ]);
    const refused = { ...input, traceparent: 'yes' } as object as typeof input;
    await expect(webhooks.create(refused)).rejects.toMatchObject({ status: 400 });
  });
});

test('posts name the trace of their run only where it is wanted, without a collector as not sampled', async () => {
  const [off, on] = [await make(api), await make(api, { traceparent: true })];
  const runId = await runToEnd(api);
  const [[silent], [named]] = [await receiver.posts(off.name, 1), await receiver.posts(on.name, 1)];
  expect(traceparentOf(silent!)).toBeUndefined();
  expect(silent!.body).toBe(named!.body);
  expect(traceparentOf(named!)).toMatch(W3C);
  expect(partsOf(named!)).toMatchObject({ traceId: hexOf(runId), flags: '00' });

  await api.webhooks.patch({ webhookId: off.webhookId, traceparent: true });
  await api.webhooks.patch({ webhookId: on.webhookId, traceparent: false });
  const next = await runToEnd(api);
  const [, namedNow] = await receiver.posts(off.name, 2);
  const [, silentNow] = await receiver.posts(on.name, 2);
  expect(partsOf(namedNow!).traceId).toBe(hexOf(next));
  expect(traceparentOf(silentNow!)).toBeUndefined();
});

test('each attempt has a span of its own; messages about no run name none', async () => {
  const { name, webhookId } = await make(api, { traceparent: true });
  receiver.answer(name, 503);
  const runId = await runToEnd(api);
  await receiver.posts(name, 1);
  const deliveries = async () => (await api.webhooks.deliveries({ webhookId })).deliveries;
  await expect.poll(async () => (await deliveries())[0]?.lastStatus, within).toBe(503);
  // The retry, without its delay.
  await sql.query('UPDATE webhook SET rests_until = NULL WHERE webhook_id = $1', [webhookId]);
  await sql.query('UPDATE webhook_delivery SET next_attempt_at = now() WHERE webhook_id = $1', [webhookId]);
  await expect.poll(async () => (await deliveries())[0]?.state, within).toBe('delivered');
  const { deliveryId } = (await deliveries())[0]!;
  // The run is gone, and the body of the failed attempt is stored.
  await sql.query('DELETE FROM run WHERE run_id = $1', [runId]);
  await api.webhooks.redeliver({ webhookId, deliveryId });
  const hits = await receiver.posts(name, 3);
  expect(hits.map((hit) => partsOf(hit).traceId)).toEqual(Array(3).fill(hexOf(runId)));
  expect(new Set(hits.map((hit) => partsOf(hit).spanId)).size).toBe(3);
  expect(new Set(hits.map(({ body }) => body)).size).toBe(1);

  await api.webhooks.test({ webhookId });
  const trial = (await receiver.posts(name, 4))[3]!;
  expect(JSON.parse(trial.body)).toMatchObject({ type: 'webhook.test' });
  expect(traceparentOf(trial)).toBeUndefined();
});

test.each(
  sampleOf([
    ['all runs are', '1', '01'],
    ['hardly any run is', '0.000000001', '00'],
  ]),
)('if %s traced, the header says so, and the collector has its span', async (_, ratio, sampled) => {
  const sink = await startSink();
  onTestFinished(() => sink.close());
  const env = { ...sink.env, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio };
  const service = await stackForTest({ env, allow: [receiver.origin] });
  const traced = overRest(service);
  const [off, on] = [await make(traced), await make(traced, { traceparent: true })];
  receiver.answer(on.name, 410);
  const runId = await runToEnd(traced);
  const [hit] = await receiver.posts(on.name, 1);
  await receiver.posts(off.name, 1);
  const { traceId, spanId, flags } = partsOf(hit!);
  expect([traceId, flags]).toEqual([hexOf(runId), sampled]);

  await expect.poll(async () => (await traced.webhooks.get({ webhookId: on.webhookId })).active, within).toBe(false);
  // It exports all before it ends.
  expect(await service.end()).toBe(0);
  if (sampled === '00') return expect(sink.spans).toEqual([]);
  const sent = sink.spansOf(runId).filter((span) => span.name.startsWith('webhook'));
  expect(sent).toHaveLength(1);
  const [span] = sent;
  expect(span).toMatchObject({ spanId, name: 'webhook run.end', isError: true, parentId: hexOf(runId).slice(16) });
  expect(span!.attributes).toMatchObject({
    'url.full': receiver.origin,
    'errand.webhook.id': on.webhookId,
    'errand.delivery.attempt': 1,
    'http.response.status_code': 410,
    'error.type': '410',
  });
  // The path of a webhook may contain a secret.
  expect(Buffer.concat(sink.bodies).includes(on.name)).toBe(false);
});

test('another workspace neither sees nor changes the setting, and no receiver gets the trace of its runs', async () => {
  const { name, webhookId } = await make(api, { traceparent: true, events: ['*'] });
  const other = overRest(await anotherWorkspace(stack));
  for (const act of [
    () => other.webhooks.get({ webhookId }),
    () => other.webhooks.patch({ webhookId, traceparent: false }),
    () => other.webhooks.rotate({ webhookId }),
  ])
    await expect(act()).rejects.toMatchObject({ status: 404, problem: { code: 'not_found' } });
  expect((await other.webhooks.list({})).webhooks).toEqual([]);

  const auth = { type: 'API_TOKEN', token: stack.crm.token } as const;
  await other.integrations.create({ name: 'CRM', url: stack.crm.documentUrl, auth, enable: 'all' });
  const theirs = await make(other);
  const foreign = await runToEnd(other);
  const mine = await runToEnd(api);
  expect(traceparentOf((await receiver.posts(theirs.name, 1))[0]!)).toBeUndefined();
  await expect.poll(() => receiver.hitsOf(name).some(({ body }) => body.includes('run.end')), within).toBe(true);
  const named = receiver.hitsOf(name).filter((hit) => traceparentOf(hit) !== undefined);
  expect(named.length).toBeGreaterThan(0);
  for (const hit of named) expect(partsOf(hit).traceId).toBe(hexOf(mine));
  for (const { body, headers } of receiver.hitsOf(name))
    expect(JSON.stringify([body, headers])).not.toMatch(new RegExp(`${foreign}|${hexOf(foreign)}`));
  expect(await api.webhooks.get({ webhookId })).toMatchObject({ traceparent: true });
});
