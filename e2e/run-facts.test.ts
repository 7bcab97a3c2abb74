// The facts about a run that lists and single answers show beside its documents.
import { beforeAll, expect, test } from 'vitest';
import { whole } from './fixtures/builders.ts';
import { ended, type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
let caller: Api;
let requestedBy: object;
beforeAll(async () => {
  office = await openOffice();
  api = overTrpc(office.stack);
  const scopes = ['runs:read', 'runs:write', 'approvals:decide'] as const;
  const { key, apiKeyId } = await api.apiKeys.create({ name: 'Sales assistant', scopes: [...scopes] });
  caller = overRest({ ...office.stack, apiKey: key });
  requestedBy = { type: 'api_key', id: apiKeyId, label: 'Sales assistant' };
  return () => office.close();
});

const lookAndPay = ({ id }: Office) => ({
  goal: 'Look, then pay',
  steps: [
    { id: 'seen', tool: `${id}.look` },
    { id: 'pay', tool: `${id}.pay`, args: { body: { amount: 7 } }, dependsOn: ['seen'] },
  ],
});
const listed = async (userId: string) => (await api.runs.list({ userId })).runs;

test('a run names its requester, its integrations and its progress, alone and in lists', async () => {
  const userId = `facts-${crypto.randomUUID()}`;
  const input = payments(office, [], { userId, plan: lookAndPay(office) });
  const created = whole(await caller.runs.create({ ...input, startAt: new Date(Date.now() + 1000).toISOString() }));
  expect(created).toMatchObject({ requestedBy, integrations: [office.id], progress: { done: 0, total: 2 } });

  const waiting = await startWaiting(caller, { ...input, metadata: { n: '2' } });
  const facts = { requestedBy, integrations: [office.id], progress: { done: 1, total: 2 } };
  expect(waiting).toMatchObject(facts);
  expect(waiting).not.toHaveProperty('phases');
  expect((await api.runs.list({ userId, metadata: { n: '2' } })).runs).toEqual([expect.objectContaining(facts)]);

  await caller.runs.cancel({ runId: created.runId });
  await caller.approvals.decide({ approvalId: waiting.waitingOn[0]!.approvalId!, decision: 'approve' });
  const { phases, ...run } = await ended(caller, waiting.runId);
  expect(run).toMatchObject({ ...facts, status: 'SUCCESS', progress: { done: 2, total: 2 } });
  const { queuedMs, callsMs, waitingMs, ...others } = phases!;
  // The plan is the caller's, so nothing was planned.
  expect(others).toEqual({});
  expect(waitingMs).toBeGreaterThan(0);
  expect(queuedMs + callsMs + waitingMs).toBe(Date.parse(run.endedAt!) - Date.parse(run.createdAt));
  for (const inList of await listed(userId)) {
    expect(inList).toMatchObject({ requestedBy });
    expect(inList).not.toHaveProperty('phases');
  }
});

test('the answer to a request that waits for the end has the facts of the run', async () => {
  const userId = `facts-${crypto.randomUUID()}`;
  const input = payments(office, [5], { userId, approvalStrategy: 'NONE', prefer: 'wait=20' });
  const answer = whole(await caller.runs.create(input));
  const facts = { status: 'SUCCESS', requestedBy, integrations: [office.id], progress: { done: 1, total: 1 } };
  expect(answer).toMatchObject(facts);
  expect(await caller.runs.get({ runId: answer.runId })).toMatchObject(facts);
});

test('a run without a plan has no progress', async () => {
  const userId = `facts-${crypto.randomUUID()}`;
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const { plan: _, ...input } = payments(office, [], { userId, startAt });
  const { runId } = await caller.runs.create(input);
  expect(await listed(userId)).toEqual([expect.objectContaining({ runId, requestedBy, integrations: [] })]);
  expect((await listed(userId))[0]).not.toHaveProperty('progress');
  const canceled = whole(await caller.runs.cancel({ runId }));
  expect([canceled.status, 'phases' in canceled]).toEqual(['CANCELED', false]);
});
