// The scopes of a key are its only rights: no answer or link extends them.
import { randomUUID } from 'node:crypto';
import type { Scope } from '@errand/contracts';
import { beforeAll, expect, test, vi } from 'vitest';
import { aPlan, aRun } from './fixtures/builders.ts';
import { openStream } from './fixtures/frames.ts';
import { type Office, openOffice } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, type Caller, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
/** An integration at which each user has to enter a token. */
let crm: string;
beforeAll(async () => {
  office = await openOffice();
  const auth = { type: 'API_TOKEN' } as const;
  const integration = await overRest(office.stack).integrations.create({
    name: 'CRM',
    kind: 'openapi',
    document: office.stub.document,
    auth,
  });
  crm = integration.customerIntegrationId;
  return () => office.close();
});

/** A run that waits for a user's token. */
const inNeed = (more: object = {}) =>
  aRun({ userId: `user-${randomUUID()}`, selectedCustomerIntegrationIds: [crm], plan: aPlan(`${crm}.look`), ...more });

async function waiting(): Promise<string> {
  const api = overRest(office.stack);
  const { runId } = await api.runs.create(inNeed());
  await vi.waitFor(async () => expect((await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED'), {
    timeout: 20_000,
    interval: 30,
  });
  return runId;
}

/** Everything that a key can read of a waiting run: by reads, lists and the stream. */
async function readAll(api: Api, runId: string): Promise<string> {
  const answers: unknown[] = [
    await api.runs.get({ runId, includeEvents: true, includeToolCalls: true }),
    await api.runs.list({ includeEvents: true, pageSize: 100 }),
    await api.runs.events({ runId }),
    await api.pending.list({ pageSize: 100 }),
  ];
  for await (const event of api.runs.stream({ runId })) {
    answers.push(event);
    if (event.type === 'authentication') break;
  }
  return JSON.stringify(answers);
}

const readers: Scope[][] = [['runs:read'], ['runs:read', 'approvals:decide'], ['runs:read', 'runs:write']];
const connectors: Scope[][] = [['runs:read', 'connections:write'], ['admin']];
const LINK = '/v1/connect?token=';

test.each(readers.map((scopes) => [scopes]))('are shown nowhere to a key of %j', async (scopes) => {
  const runId = await waiting();
  const answers = await readAll(overTrpc(await office.callerWith(...scopes)), runId);
  expect(answers).toContain('"consentId"');
  expect(answers).not.toContain(LINK);
  expect(answers).not.toContain('"url"');
});

test.each(connectors.map((scopes) => [scopes]))('are shown to a key of %j, that could make one', async (scopes) => {
  const runId = await waiting();
  const { events } = await overTrpc(await office.callerWith(...scopes)).runs.events({ runId });
  expect(events.find((event) => event.type === 'authentication')).toMatchObject({
    auth: { url: expect.stringContaining(LINK) },
  });
});

test('are in no answer to a create, also not in its replay to another key', async () => {
  const writer = overTrpc(await office.callerWith('runs:read', 'runs:write'));
  const input = inNeed({ prefer: 'wait=1', idempotencyKey: randomUUID() });
  const answers = [await overTrpc(office.stack).runs.create(input), await writer.runs.create(input)];
  expect(answers[0]).toMatchObject({ status: 'AUTH_REQUIRED', events: expect.any(Array) });
  expect(JSON.stringify(answers)).not.toContain(LINK);
});

let reader: Api;
let blind: Api;
beforeAll(async () => {
  reader = overTrpc(office.stack);
  blind = overTrpc(await office.callerWith('runs:write'));
});
const handle = (runId: string, status: string) => ({
  runId,
  status,
  executionPlanId: expect.any(String),
  createdAt: expect.any(String),
});
const createdHandle = (runId: string, status: string) => ({ ...handle(runId, status), answer: 'handle' });
const looks = (more: object = {}) => aRun({ plan: aPlan(`${office.id}.look`), context: 'hidden', ...more });

test('is answered the handle of the run that it creates, also when it waits for the end', async () => {
  const created = await blind.runs.create(looks());
  expect(created).toEqual(createdHandle(created.runId, 'QUEUED'));
  const waited = await blind.runs.create(looks({ prefer: 'wait=20' }));
  expect(waited).toEqual(createdHandle(waited.runId, 'SUCCESS'));
});

test('is answered as its own scopes allow when a request is repeated, also if another key sent it first', async () => {
  const input = looks({ idempotencyKey: randomUUID(), prefer: 'wait=20' });
  const first = await blind.runs.create(input);
  expect(first).toEqual(createdHandle(first.runId, 'SUCCESS'));
  expect(await blind.runs.create(input)).toEqual(first);
  const whole = { ...first, answer: 'run', context: 'hidden', plan: expect.anything() };
  expect(await reader.runs.create(input)).toMatchObject(whole);

  const theirs = looks({ idempotencyKey: randomUUID(), prefer: 'wait=20' });
  const visibleRun = await reader.runs.create(theirs);
  expect(visibleRun).toMatchObject({ answer: 'run', context: 'hidden', result: expect.anything() });
  expect(await blind.runs.create(theirs)).toEqual(createdHandle(visibleRun.runId, 'SUCCESS'));
});

test('is answered the handle of the run that it cancels, again too, and no more of what was not sent', async () => {
  const { runId } = await reader.runs.create(inNeed({ context: 'hidden' }));
  const canceled = await blind.runs.cancel({ runId });
  expect(canceled).toEqual(handle(runId, 'CANCELED'));
  expect(await blind.runs.cancel({ runId })).toEqual(canceled);
  expect(await reader.runs.cancel({ runId })).toMatchObject({ ...canceled, context: 'hidden' });
});

test('reads none of the feedback of others by adding to it', async () => {
  const { runId } = await reader.runs.create(looks());
  await reader.feedback.put({ runId, rating: 'positive', comment: 'hidden', metadata: { version: 'hidden' } });
  const answer = await blind.feedback.put({ runId, source: { type: 'api' } });
  expect(answer).toMatchObject({ rating: 'positive', feedbackSource: { type: 'api' } });
  expect(JSON.stringify(answer)).not.toContain('hidden');
  expect(await reader.feedback.get({ runId })).toMatchObject({ comment: 'hidden', feedbackSource: { type: 'api' } });
});

test('of two who follow the same run each sees what its key may', async () => {
  const runId = await waiting();
  const callers: Caller[] = [
    office.stack,
    await office.callerWith('runs:read'),
    office.stack,
    await office.callerWith('runs:read', 'approvals:decide'),
  ];
  const streams = await Promise.all(callers.map((caller) => openStream(caller, runId)));
  const answers = await Promise.all(
    streams.map(async (stream) => {
      for (;;) {
        const frame = await stream.next();
        if (frame?.event === 'authentication') return frame.data?.includes(LINK);
      }
    }),
  );
  for (const stream of streams) stream.cut();
  expect(answers).toEqual([true, false, true, false]);
  await request(office.stack, `/v1/runs/${runId}`, { method: 'DELETE' });
});
