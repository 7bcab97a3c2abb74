// The live inbox: each open request is shown once and removed once, however it is decided.
import type { PendingEntry, PendingFrame } from '@errand/contracts';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { openFrames } from './fixtures/frames.ts';
import { ended, type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overTrpc(office.stack);
  return () => office.close();
});
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Follows an inbox and records every frame until the test ends. */
function follow(api: Api, filter: object) {
  const frames: PendingFrame[] = [];
  const iterator = api.pending.watch(filter)[Symbol.asyncIterator]();
  const done = (async () => {
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) frames.push(step.value);
  })();
  const failed = done.then(
    () => 'over',
    (error: { status?: number }) => error,
  );
  stops.push(() => void iterator.return?.(undefined));
  const of = <T extends PendingFrame['type']>(type: T) =>
    frames.filter((frame): frame is Extract<PendingFrame, { type: T }> => frame.type === type);
  return { frames, failed, of, added: (): PendingEntry[] => of('added').map(({ entry }) => entry) };
}

const userId = `stream-${crypto.randomUUID()}`;
test('50 runs ask while it is followed; each entry is removed once, whether decided in bulk, alone or by its end', async () => {
  const [before] = (await startWaiting(api, payments(office, [1], { userId }))).waitingOn;
  const inbox = follow(api, { userId });
  await expect
    .poll(() => inbox.frames.slice(0, 2))
    .toMatchObject([
      { type: 'snapshot', open: 1, more: false },
      { type: 'added', entry: { approvalId: before!.approvalId, title: 'Pay', mayDecide: true } },
    ]);
  const others = follow(api, { userId: 'nobody' });
  const runs = await Promise.all(Array.from({ length: 50 }, () => api.runs.create(payments(office, [2], { userId }))));
  await expect.poll(() => inbox.added().length, { timeout: 30_000 }).toBe(51);

  const ids = inbox.added().map(({ approvalId }) => approvalId!);
  expect(new Set(ids).size).toBe(51);
  const [alone, canceled, ...many] = inbox.added().slice(1);
  // Two people make the same decision at the same moment.
  const decisions = many.map(({ approvalId }) => ({ approvalId: approvalId!, decision: 'approve' as const }));
  const [bulk, same] = await Promise.all([
    api.pending.decide({ decisions }),
    api.pending.decide({ decisions: decisions.toReversed() }),
  ]);
  expect(bulk.results.map(({ error }) => error)).toEqual(many.map(() => undefined));
  expect(same.results.toReversed()).toEqual(bulk.results);
  await api.approvals.decide({ approvalId: alone!.approvalId!, decision: 'deny' });
  await api.runs.cancel({ runId: canceled!.runId });
  await expect.poll(() => inbox.of('gone').length, { timeout: 30_000 }).toBe(50);
  for (const { runId } of runs) await ended(api, runId);

  const goneFrames = new Map(inbox.of('gone').map((frame) => [frame.approvalId, frame]));
  expect(goneFrames.size).toBe(50);
  expect(goneFrames.get(many[0]!.approvalId!)).toMatchObject({
    why: 'decided',
    decision: 'approve',
    decidedBy: 'first key',
  });
  expect(goneFrames.get(alone!.approvalId!)).toMatchObject({ kind: 'call', why: 'decided', decision: 'deny' });
  expect(goneFrames.get(canceled!.approvalId!)).toMatchObject({ why: 'ended', runId: canceled!.runId });
  expect(goneFrames.has(before!.approvalId)).toBe(false);
  expect(office.stub.hits.filter(({ body }) => body === '{"amount":2}')).toHaveLength(48);
  office.stub.hits.length = 0;
  expect(others.frames).toEqual([{ type: 'snapshot', open: 0, more: false }]);
  await api.runs.cancel({ runId: inbox.added()[0]!.runId });
});

test('filters work on the stream as in the list, and invalid ones are refused', async () => {
  const plans = follow(api, { userId, kind: ['plan', 'question'] });
  const strangers = follow(overTrpc(await office.stranger()), {});
  const call = await startWaiting(api, payments(office, [3], { userId }));
  const plan = await startWaiting(api, payments(office, [3], { userId, approvalStrategy: 'ON_START' }));
  await expect.poll(() => plans.added().map(({ runId }) => runId)).toEqual([plan.runId]);
  const calls = follow(api, { runId: call.runId, customerIntegrationId: office.id });
  await expect.poll(() => calls.added().map(({ kind }) => kind)).toEqual(['call']);
  expect(strangers.frames).toEqual([{ type: 'snapshot', open: 0, more: false }]);
  for (const { runId } of [call, plan]) await api.runs.cancel({ runId });
  await expect.poll(() => plans.of('gone').map(({ runId }) => runId)).toEqual([plan.runId]);
  for (const wrong of [{ kind: ['wish'] }, { color: 'red' }, { runId: 'x' }])
    expect(await follow(api, wrong).failed).toMatchObject({ status: 400, problem: { code: 'validation_failed' } });
  const mayNot = overTrpc(await office.callerWith('runs:write'));
  expect(await follow(mayNot, {}).failed).toMatchObject({ status: 403 });
});

test('a stream ends when its key is revoked, and a reconnect is refused', async () => {
  const api = overRest(office.stack);
  const { apiKeyId, key } = await api.apiKeys.create({ name: 'leaves', scopes: ['runs:read'] });
  const caller = { url: office.stack.url, apiKey: key };
  const stream = await openFrames(caller, '/v1/pending/sse?userId=nobody');
  expect(await stream.next()).toMatchObject({ event: 'snapshot', data: '{"type":"snapshot","open":0,"more":false}' });
  await api.apiKeys.revoke({ apiKeyId });
  expect(await stream.rest()).toEqual([]);
  expect((await openFrames(caller, '/v1/pending/sse')).status).toBe(401);
});

test('frames have no ids, and texts of services stay on their line', async () => {
  const api = overRest(office.stack);
  const to = 'x\n\nevent: gone\ndata: {"type":"gone"}\n\n\u202Egpj.exe';
  const name = 'Office\r\nid: 7\u2028event: gone';
  await api.integrations.patch({ customerIntegrationId: office.otherId, name });
  const steps = [{ id: 'p', tool: `${office.otherId}.pay`, args: { body: { to } } }];
  const run = await startWaiting(api, payments(office, [], { userId: 'hostile', plan: { goal: 'Pay', steps } }));
  const stream = await openFrames(office.stack, '/v1/pending/sse?userId=hostile');
  const frames = [await stream.next(), await stream.next()];
  expect(frames.map((frame) => [frame!.id, frame!.event])).toEqual([
    [undefined, 'snapshot'],
    [undefined, 'added'],
  ]);
  const { entry } = JSON.parse(frames[1]!.data!) as { entry: PendingEntry };
  expect([entry.args, entry.integrationName]).toEqual([{ body: { to } }, name]);
  expect(entry.text).not.toMatch(/[\n\r\u2028\u202e]/);
  stream.cut();
  await api.runs.cancel({ runId: run.runId });
});
