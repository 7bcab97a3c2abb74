// Pages of the inbox: decided requests, those that expire first, and those with a text.
import { randomUUID } from 'node:crypto';
import type { PendingEntry } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overRest(office.stack);
  return () => office.close();
});

type Query = Omit<Parameters<Api['pending']['list']>[0] & object, 'cursor'>;
/** All pages of a list. */
async function pagesOf(client: Api, query: Query): Promise<PendingEntry[][]> {
  const pages: PendingEntry[][] = [];
  let cursor: string | undefined;
  do {
    const page = await client.pending.list({ ...query, ...(cursor && { cursor }) });
    pages.push(page.pending);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}
const amountOf = ({ args }: PendingEntry) => (args as { body: { amount: number } }).body.amount;
const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

test('decided requests are listed by their decisions, with who decided, how and when', async () => {
  const userId = `pages-${randomUUID()}`;
  const run = await startWaiting(api, payments(office, [1, 2, 3], { userId }), 3);
  const idOf = new Map(
    (await api.pending.list({ userId })).pending.map((entry) => [amountOf(entry), entry.approvalId!]),
  );
  await api.approvals.decide({ approvalId: idOf.get(2)!, decision: 'deny', reason: 'Too expensive' });
  await api.approvals.decide({ approvalId: idOf.get(1)!, decision: 'approve' });
  for (const client of [api, overTrpc(office.stack)]) {
    const pages = await pagesOf(client, { userId, state: 'decided', pageSize: 1 });
    const [first, second, ...others] = pages.flat();
    expect(others).toEqual([]);
    const by = expect.any(String);
    expect(first).toMatchObject({
      approvalId: idOf.get(1),
      runId: run.runId,
      decided: { decision: 'approve', by, at: expect.any(String) },
      mayDecide: false,
    });
    expect(second).toMatchObject({ decided: { decision: 'deny', by, reason: 'Too expensive' } });
    expect(first).not.toHaveProperty('mayNotBecause');
    expect((await client.pending.list({ userId })).pending.map(amountOf)).toEqual([3]);
    const sorted = client.pending.list({ state: 'decided', sort: 'expiresAt' });
    await expect(sorted).rejects.toEqual(refused(400, 'validation_failed'));
  }
  // A run that ends takes its open requests with it: nobody decided them.
  await api.runs.cancel({ runId: run.runId });
  expect((await api.pending.list({ userId, state: 'decided' })).pending).toHaveLength(2);
  const unknown = api.pending.list({ userId, state: 'decided', cursor: randomUUID() });
  await expect(unknown).rejects.toEqual(refused(400, 'invalid_cursor'));
  const stranger = overRest(await office.stranger());
  expect((await stranger.pending.list({ state: 'decided' })).pending).toEqual([]);
});

test('open requests are sorted by expiry, and found by a part of their text or intent', async () => {
  const userId = `pages-${randomUUID()}`;
  const word = randomUUID();
  await startWaiting(api, payments(office, [1, 2], { userId, intent: `Pay for ${word}` }), 2);
  await startWaiting(api, payments(office, [30], { userId }));
  const byExpiry = (await pagesOf(api, { userId, sort: 'expiresAt', pageSize: 1 })).flat();
  expect(byExpiry.map(amountOf)).toHaveLength(3);
  const times = byExpiry.map(({ expiresAt }) => expiresAt!);
  expect(times).toEqual([...times].sort());
  const found = async (q: string) => (await api.pending.list({ userId, q })).pending.map(amountOf).sort();
  expect(await found(word.toUpperCase())).toEqual([1, 2]);
  expect(await found('amount 30')).toEqual([30]);
  expect(await found('100%_')).toEqual([]);
});

test('an entry names its requester, the reason of a refusal, and the properties of a form in their order', async () => {
  const userId = `pages-${randomUUID()}`;
  await startWaiting(api, payments(office, [4], { userId }));
  const [entry] = (await api.pending.list({ userId })).pending;
  expect(entry).toMatchObject({
    mayDecide: true,
    requestedBy: { type: 'api_key', id: expect.stringMatching(/^[0-9a-f-]{36}$/), label: expect.any(String) },
    inWords: { sentence: 'Pay at Office with amount 4', args: [{ pointer: '/body/amount', text: '4' }] },
  });
  const { body } = (entry!.inputSchema as { properties: { body: { properties: object } } }).properties;
  expect(Object.keys(body.properties)).toEqual(['amount', 'to']);
  const reader = overRest(await office.callerWith('runs:read'));
  expect((await reader.pending.list({ userId })).pending).toMatchObject([{ mayDecide: false, mayNotBecause: 'scope' }]);

  const plan = await startWaiting(api, payments(office, [5], { userId, approvalStrategy: 'ON_START' }));
  const [planEntry] = (await api.pending.list({ runId: plan.runId })).pending;
  expect(planEntry).toMatchObject({ planInWords: { goal: 'Pay the bills', steps: [{ effect: 'write' }] } });
  expect(planEntry).not.toHaveProperty('inWords');
});

test('a stream of heads has no arguments, words or schema', async () => {
  const userId = `pages-${randomUUID()}`;
  const run = await startWaiting(api, payments(office, [6], { userId, intent: 'x'.repeat(900) }));
  const heads = overTrpc(office.stack).pending.watch({ userId, heads: true });
  for await (const frame of heads) {
    if (frame.type !== 'added') continue;
    expect(frame.entry).toMatchObject({ runId: run.runId, kind: 'call', intent: 'x'.repeat(200), title: 'Pay' });
    const documents = ['args', 'argOrigins', 'names', 'inWords', 'inputSchema', 'leftOut'];
    for (const field of documents) expect(frame.entry).not.toHaveProperty(field);
    break;
  }
});

test('several uncertain effects are resolved at once, each on its own', async () => {
  const vanish = { id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: randomUUID() } } };
  const run = await startWaiting(api, aRun({ plan: { goal: 'Vanish', steps: [vanish] } }));
  const { effectId = '' } = run.waitingOn[0]!;
  const unknown = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
  const decisions = { effects: [effectId, unknown].map((id) => ({ effectId: id, decision: 'skip' as const })) };
  expect(await api.pending.decide(decisions)).toMatchObject({
    results: [],
    effects: [
      { effectId, effect: { decision: 'skip', runId: run.runId } },
      { effectId: unknown, error: { code: 'not_found', status: 404 } },
    ],
  });
  await expect(api.pending.decide({ decisions: [] })).rejects.toEqual(refused(400, 'validation_failed'));
});

/** Runs of a user that each wait for a decision about a write with a lost answer. */
async function lostWrites(userId: string, count: number): Promise<void> {
  const lost = () => {
    const step = { id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: randomUUID() } } };
    return startWaiting(api, aRun({ userId, plan: { goal: 'Vanish', steps: [step] } }));
  };
  await Promise.all(Array.from({ length: count }, lost));
}

test('uncertain effects are decided by a filter with a confirmed count, each once, also by two callers at once', async () => {
  const userId = randomUUID();
  await lostWrites(userId, 4);
  const matching = { filter: { kind: ['effect' as const], userId }, decision: 'skip' as const };
  const counted = await api.pending.decide({ matching });
  expect(counted).toEqual({
    results: [],
    matching: { matched: 4, decided: 0, skipped: {}, remaining: 4, newest: expect.any(String) },
  });
  for (const [expectedCount, newest] of [[3], [5], [3, counted.matching!.newest!]] as const)
    await expect(
      api.pending.decide({ matching: { ...matching, expectedCount, ...(newest && { newest }) } }),
    ).rejects.toMatchObject({ status: 409, problem: { code: 'pending_count_changed', values: { count: 4 } } });
  expect((await api.pending.list({ userId })).pending).toHaveLength(4);

  // A request that was made after the count is not part of it.
  await lostWrites(userId, 1);
  const confirmed = { ...matching, expectedCount: 4, newest: counted.matching!.newest!, reason: 'Looked.' };
  const answers = await Promise.all(
    [api, overTrpc(office.stack)].map((by) => by.pending.decide({ matching: confirmed })),
  );
  const parts = answers.map(({ matching: part }) => part!);
  expect(parts.reduce((sum, { decided }) => sum + decided, 0)).toBe(4);
  for (const { matched, decided, skipped, ...rest } of parts) {
    expect([matched, rest]).toEqual([expect.any(Number), { remaining: 0 }]);
    expect(skipped).toEqual(decided === matched ? {} : { effect_already_resolved: matched - decided });
  }
  const decided = await api.pending.list({ userId, state: 'decided' });
  expect(decided.pending.map((entry) => entry.decided)).toEqual(
    Array(4).fill(expect.objectContaining({ decision: 'skip', reason: 'Looked.' })),
  );
  expect((await api.pending.list({ userId })).pending).toHaveLength(1);
});

test('a filter decides uncertain effects alone, within its limits, and those of its workspace', async () => {
  const userId = randomUUID();
  await lostWrites(userId, 1);
  const filter = { kind: ['effect' as const], userId };
  const one = { filter, decision: 'happened' as const, expectedCount: 1 };
  const unknown = { effectId: randomUUID(), decision: 'skip' as const };
  const isInvalid = (input: object, pointer: string) =>
    expect(api.pending.decide(input)).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', errors: [{ pointer }] },
    });
  for (const kind of [undefined, ['call'], ['effect', 'call'], ['plan']])
    await isInvalid({ matching: { ...one, filter: { userId, kind } } }, '/matching/filter/kind');
  await isInvalid({ matching: one, effects: [unknown] }, '/matching');
  await isInvalid({ matching: { ...one, newest: 'x' } }, '/matching/newest');
  const reader = overRest(await office.callerWith('runs:read'));
  await expect(reader.pending.decide({ matching: one })).rejects.toEqual(refused(403, 'insufficient_scope'));
  const stranger = overRest(await office.stranger());
  expect((await stranger.pending.decide({ matching: { ...one, expectedCount: 0 } })).matching).toEqual({
    ...{ matched: 0, decided: 0, skipped: {}, remaining: 0 },
  });
  expect((await api.pending.list({ userId })).pending).toHaveLength(1);
  expect((await api.pending.decide({ matching: one })).matching).toMatchObject({ decided: 1, remaining: 0 });
});
