// Two processes with one database: each has its own gate.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolOutcome } from '@errand/contracts';
import { type CallEnd, type Db, openDatabase, PAUSE_CHANNEL, storePause } from '@errand/db';
import { anIntegration, createTestDatabase, masterKey, type TestDatabase } from '@errand/db/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { CallGate, type GatedCall } from './call-gate.ts';

let database: TestDatabase;
let db: Db;
let statements = 0;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

let call: GatedCall;
beforeEach(async () => {
  const { workspaceId } = await db.workspaces.create('w');
  const { customerIntegrationId } = await db.forWorkspace(workspaceId).integrations.create(anIntegration());
  call = {
    workspaceId,
    customerIntegrationId,
    integrationName: 'CRM',
    toolName: `${customerIntegrationId}.listDeals`,
    origin: 'https://crm.example.com',
    userId: 'ann',
    limits: undefined,
  };
  statements = 0;
});

const failures: unknown[] = [];
type GateOptions = {
  now?: () => number;
  /** Awaited before each statement. */
  barrier?: () => Promise<void>;
};
/** A gate as a process has it, with the notifications of the others. */
async function aGate({ now, barrier }: GateOptions = {}): Promise<CallGate & { ends: CallEnd[] }> {
  const ends: CallEnd[] = [];
  const query = async (...args: Parameters<typeof db.pool.query>) => {
    statements++;
    await barrier?.();
    return db.pool.query(...args);
  };
  const pool = { query } as unknown as Db['pool'];
  const onFailure = (error: unknown) => failures.push(error);
  const gate = new CallGate({ pool, onEnd: (end) => ends.push(end), onFailure, ...(now && { now }) });
  const client = await db.connect();
  onTestFinished(() => client.end());
  client.on('notification', ({ payload = '' }) => gate.receive(payload));
  await client.query(`LISTEN ${PAUSE_CHANNEL}`);
  return Object.assign(gate, { ends });
}

const served: ToolOutcome = { ok: true, output: null, status: 200 };
const failed: ToolOutcome = {
  ok: false,
  code: 'upstream_error',
  message: 'x',
  status: 503,
  retryable: true,
  effectKnown: 'unknown',
};
const limited = (retryAfterMs?: number): ToolOutcome => ({
  ...failed,
  status: 429,
  effectKnown: 'no',
  limited: true,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
/** Whether a call is sent. */
async function isSent(gate: CallGate, more: Partial<GatedCall> = {}, outcome = served): Promise<boolean> {
  let sent = false;
  await gate.run({ ...call, ...more }, async () => {
    sent = true;
    return outcome;
  });
  return sent;
}
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

test('calls without a limit or a failure need no statement', async () => {
  const gate = await aGate();
  for (let i = 0; i < 20; i++) expect(await isSent(gate)).toBe(true);
  expect(statements).toBe(0);
});

test('a limit pauses the calls of its credential in all processes, also in one that starts later', async () => {
  const [here, there] = [await aGate(), await aGate()];
  await Promise.all(Array.from({ length: 20 }, () => isSent(here, {}, limited(60_000))));
  await until(async () => !(await isSent(there)));
  expect(statements).toBe(1);
  expect(await isSent(there, { userId: 'bob' })).toBe(true);
  expect(await isSent(there, { userId: '' })).toBe(true);
  const later = await aGate();
  await later.load();
  const outcome = await later.run(call, () => served);
  expect(outcome).toMatchObject({
    code: 'upstream_paused',
    message: 'CRM limits requests. The call was not sent; it can be sent in 60 s.',
    retryable: true,
    effectKnown: 'no',
    unsent: true,
    limited: true,
  });
  expect(!outcome.ok && outcome.retryAfterMs).toBeGreaterThan(50_000);
  expect(there.ends.filter(({ hasFailed }) => hasFailed)).toEqual([]);
  expect(failures).toEqual([]);
});

test('a pause after a limit without a time grows while the limit is repeated', async () => {
  const gate = await aGate();
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    await until(() => isSent(gate, {}, limited()));
    const outcome = await gate.run(call, () => served);
    waits.push(outcome.ok ? undefined : outcome.retryAfterMs);
    if (i === 0) expect(waits[0]).toBeGreaterThan(500);
  }
  expect(waits[1]!).toBeGreaterThan(waits[0]!);
  expect(waits[2]!).toBeGreaterThan(waits[1]!);
});

test('an outage pauses all calls to the origin in the workspace, in all processes, until one call is served', async () => {
  const [here, there] = [await aGate(), await aGate()];
  const operation = (i: number) => ({ toolName: `${call.customerIntegrationId}.op${i % 2}` });
  for (let i = 0; i < 10; i++) expect(await isSent(here, operation(i), failed)).toBe(true);
  expect(await isSent(here)).toBe(false);
  await until(async () => !(await isSent(there)));
  expect(statements).toBe(1);
  const { workspaceId: other } = await db.workspaces.create('other');
  expect(await isSent(here, { workspaceId: other })).toBe(true);
  expect(await isSent(here, { origin: 'https://other.example.com' })).toBe(true);
  expect(await there.run(call, () => served)).toMatchObject({
    code: 'upstream_paused',
    message: expect.stringMatching(/^The last calls of CRM failed\. The call was not sent; it can be sent in \d s\.$/),
    effectKnown: 'no',
    unsent: true,
  });
});

test('one operation that fails pauses itself alone, and refusals pause nothing', async () => {
  const gate = await aGate();
  for (let i = 0; i < 10; i++) await isSent(gate, {}, failed);
  expect(await isSent(gate)).toBe(false);
  expect(await isSent(gate, { toolName: `${call.customerIntegrationId}.other` })).toBe(true);
  const refused = { ...failed, status: 404 };
  for (let i = 0; i < 30; i++) expect(await isSent(gate, { userId: 'bob', toolName: 'x.y' }, refused)).toBe(true);
});

test('failures on our side pause nothing, and say nothing about the health of the service', async () => {
  const gate = await aGate();
  const ours: ToolOutcome = { ...failed, code: 'upstream_unreachable', isOurs: true };
  delete (ours as { status?: number }).status;
  for (let i = 0; i < 30; i++) expect(await isSent(gate, { toolName: `x.op${i}` }, ours)).toBe(true);
  expect(gate.ends).toEqual([]);
});

test('calls that wait for their quota when a pause begins are not sent during it, and delay no probe after it', async () => {
  let now = 1_000;
  let barrier: Promise<void> = Promise.resolve();
  const gate = await aGate({ now: () => now, barrier: () => barrier });
  const limits = { requests: 5, perSeconds: 3600 };
  const late = deferred<ToolOutcome>();
  const limitedLate = gate.run({ ...call, limits }, () => late.promise);
  await until(async () => statements === 1);
  const opened = deferred<void>();
  barrier = opened.promise;
  const waiting = [isSent(gate, { limits }), isSent(gate, { limits })];
  late.resolve(limited(30_000));
  await limitedLate;
  opened.resolve();
  expect(await Promise.all(waiting)).toEqual([false, false]);
  now += 30_000;
  expect(await isSent(gate, { limits })).toBe(true);
  expect(await isSent(gate, { limits })).toBe(true);
});

test('of several calls that wait for their quota after a pause, one goes first', async () => {
  let now = 1_000;
  const gate = await aGate({ now: () => now });
  await isSent(gate, {}, limited(30_000));
  now += 30_000;
  const limits = { requests: 50, perSeconds: 3600 };
  const probe = deferred<ToolOutcome>();
  let sent = 0;
  const calls = [1, 2, 3].map(() =>
    gate.run({ ...call, limits }, () => {
      sent++;
      return probe.promise;
    }),
  );
  const refused = await Promise.race(calls.map(async (outcome) => outcome));
  expect(refused).toMatchObject({ code: 'upstream_paused', retryAfterMs: 250 });
  expect(sent).toBe(1);
  probe.resolve(served);
  await Promise.all(calls);
  expect(sent).toBe(1);
  expect(await isSent(gate, { limits })).toBe(true);
});

test('a quota is shared by all processes, in few statements', async () => {
  const [here, there] = [await aGate(), await aGate()];
  const limits = { requests: 50, perSeconds: 3600 };
  let sent = 0;
  for (let i = 0; i < 60; i++) {
    if (await isSent(here, { limits })) sent++;
    if (await isSent(there, { limits })) sent++;
  }
  expect(sent).toBe(50);
  expect(statements).toBeLessThanOrEqual(14);
  const outcome = await here.run({ ...call, limits }, () => served);
  expect(outcome).toMatchObject({ limited: true, unsent: true });
  expect(await isSent(here, { limits, userId: 'bob' })).toBe(true);
});

test('calls at once share the statements of their quota', async () => {
  const gate = await aGate();
  const limits = { requests: 1000, perSeconds: 3600 };
  const all = await Promise.all(Array.from({ length: 300 }, () => isSent(gate, { limits })));
  expect(all.filter(Boolean)).toHaveLength(300);
  expect(statements).toBeLessThanOrEqual(4);
});

test('pauses of an integration that is gone are not stored, and those of one that is deleted are erased', async () => {
  const gate = await aGate();
  await isSent(gate, { customerIntegrationId: 'gone_1' }, limited(60_000));
  await isSent(gate, {}, limited(60_000));
  const count = async () =>
    (await db.pool.query('SELECT FROM call_pause WHERE workspace_id = $1', [call.workspaceId])).rowCount;
  await until(async () => (await count()) === 1);
  await db.forWorkspace(call.workspaceId).integrations.delete(call.customerIntegrationId);
  expect(await count()).toBe(0);
  expect(failures).toEqual([]);
});

test('a late notification of a pause that has ended does not begin it again, in the process of the pause and in others', async () => {
  let now = 1_000;
  const [here, there] = [await aGate({ now: () => now }), await aGate({ now: () => now })];
  const payloads: string[] = [];
  const client = await db.connect();
  onTestFinished(() => client.end());
  client.on('notification', ({ payload = '' }) => payloads.push(payload));
  await client.query(`LISTEN ${PAUSE_CHANNEL}`);
  await isSent(here, {}, limited(60_000));
  await until(async () => payloads.length === 1);
  await until(async () => !(await isSent(there)));
  now += 60_000;
  for (const gate of [here, there]) {
    expect(await isSent(gate)).toBe(true);
    gate.receive(payloads[0]!);
    expect(await isSent(gate)).toBe(true);
  }
});

test('a process that was suspended reads the clock of the database again', async () => {
  let now = 7_200_000;
  const suspended = await aGate({ now: () => now });
  now -= 3_600_000;
  await isSent(await aGate(), {}, limited(60_000));
  await until(
    async () =>
      (await db.pool.query('SELECT FROM call_pause WHERE workspace_id = $1', [call.workspaceId])).rowCount === 1,
  );
  await suspended.load();
  const outcome = await suspended.run(call, () => served);
  expect(!outcome.ok && outcome.retryAfterMs).toBeLessThanOrEqual(60_000);
});

test('a pause that is stored after its end is neither kept nor announced', async () => {
  const [here, there] = [await aGate(), await aGate()];
  const { workspaceId, customerIntegrationId } = call;
  const pause = { workspaceId, customerIntegrationId, kind: 'limit', subject: 'ann', ms: 60_000 } as const;
  await storePause(db.pool, { ...pause, endsAt: Date.now() - 1 });
  await storePause(db.pool, { ...pause, subject: 'bob', endsAt: Date.now() + 60_000 });
  await until(async () => !(await isSent(there, { userId: 'bob' })));
  expect(await isSent(here)).toBe(true);
  expect((await db.pool.query('SELECT subject FROM call_pause WHERE workspace_id = $1', [workspaceId])).rows).toEqual([
    { subject: 'bob' },
  ]);
});

test('a notification that is no pause, and one that never ends, do no harm', async () => {
  const gate = await aGate();
  for (const payload of ['', '{', 'null', '{"endsAt":"x"}', '[]']) gate.receive(payload);
  const { workspaceId, customerIntegrationId } = call;
  gate.receive(
    JSON.stringify({ workspaceId, customerIntegrationId, kind: 'limit', subject: 'ann', endsAt: 1e15, ms: 1e15 }),
  );
  const outcome = await gate.run(call, () => served);
  expect(!outcome.ok && outcome.retryAfterMs).toBeLessThanOrEqual(3_600_000);
});
