// A copy that is restored while the original still runs: nothing is sent twice.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunStatus } from '@errand/contracts';
import { createTestDatabase, loginsOf } from '@errand/db/testing';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { startReceiver } from '../fixtures/receiver.ts';
import { databaseEnv, startServer } from '../fixtures/server.ts';
import { stackForTest } from '../fixtures/stack.ts';
import { json, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { answerOf } from './errand.ts';

const within = { timeout: 90_000, interval: 100 };

/** A service with a call that waits, and orders that count. */
async function aWorld() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let orders = 0;
  const stub = await startStub({
    wait: { answer: async (response) => json(response, await opened.then(() => 1)) },
    slowOrder: { method: 'POST', answer: async (response) => json(response, await opened.then(() => ++orders)) },
    order: { method: 'POST', answer: (response) => json(response, ++orders) },
  });
  onTestFinished(() => stub.close());
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const writes = () => stub.hits.filter(({ method }) => method === 'POST').length;
  return { stub, receiver, open, writes };
}

const steps = (id: string, ...operations: string[]) => ({
  goal: 'Order',
  steps: operations.map((operation, n) => ({
    id: `s${n}`,
    tool: `${id}.${operation}`,
    ...(n > 0 && { dependsOn: [`s${n - 1}`] }),
  })),
});

const reaches = (api: Api, runId: string, status: RunStatus) =>
  expect.poll(async () => (await api.runs.get({ runId })).status, within).toBe(status);

/** Waits until the processes of a database have looked for work several times. */
async function workersHaveLooked(sql: pg.Pool) {
  const { rows } = await sql.query('SELECT clock_timestamp() AS at');
  const lookedLater = `SELECT count(*)::int AS n FROM worker_pool WHERE heartbeat_at > $1::timestamptz + interval '5 seconds'`;
  await expect.poll(async () => (await sql.query(lookedLater, [rows[0].at])).rows[0].n, within).toBeGreaterThan(0);
}

test('the copy moves nothing until it is resumed, and then asks before each write of a run that was open', async () => {
  const { stub, receiver, open, writes } = await aWorld();
  const env = { ERRAND_EGRESS_ALLOW: [stub.origin, receiver.origin].join(',') };
  const original = await stackForTest({ seed: false, allow: [stub.origin, receiver.origin] });
  const api = overRest(original);
  const auth = { type: 'API_TOKEN', token: 't' } as const;
  const { customerIntegrationId: id } = await api.integrations.create({
    name: 'Shop',
    kind: 'openapi',
    document: stub.document,
    auth,
  });
  await api.webhooks.create({ url: receiver.urlOf('hook'), events: ['run.end'] });
  const create = (plan: ReturnType<typeof steps>, more = {}) =>
    api.runs.create(aRun({ selectedCustomerIntegrationIds: [id], plan, ...more }));
  const { runId: inTheCall } = await create(steps(id, 'slowOrder'));
  const { runId: beforeTheCall } = await create(steps(id, 'wait', 'order'));
  const { runId: asking } = await create(steps(id, 'order'), { approvalStrategy: 'ON_WRITE' });
  const { runId: done } = await create(steps(id, 'order'));
  await reaches(api, done, 'SUCCESS');
  await reaches(api, asking, 'PAUSED');
  await receiver.posts('hook', 1);
  await expect.poll(() => stub.hits.filter(({ operation }) => /slowOrder|wait/.test(operation)).length, within).toBe(2);

  const folder = await mkdtemp(join(tmpdir(), 'errand-backup-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'backup.zip');
  await answerOf(['backup', file], { env: databaseEnv(original.databaseUrl) });

  // The original goes on and sends the rest.
  open();
  await reaches(api, inTheCall, 'SUCCESS');
  await reaches(api, beforeTheCall, 'SUCCESS');
  const [request] = (await api.runs.get({ runId: asking })).waitingOn;
  await api.approvals.decide({ approvalId: request!.approvalId!, decision: 'approve' });
  await reaches(api, asking, 'SUCCESS');
  await receiver.posts('hook', 4);
  expect(writes()).toBe(4);

  const target = await createTestDatabase(inject('postgres'), { empty: true });
  onTestFinished(() => target.drop());
  const masterKeys = await readFile(join(original.dataDir, 'master-keys'), 'utf8');
  const settings = { ...databaseEnv(target.url), ERRAND_MASTER_KEYS: masterKeys.trim() };
  expect(await answerOf(['restore', file], { env: settings })).toMatchObject({ openRuns: 3, migrated: [] });
  const copy = await startServer({ databaseUrl: target.url, env: { ...env, ERRAND_MASTER_KEYS: masterKeys.trim() } });
  onTestFinished(async () => void (await copy.stop()));
  const sql = new pg.Pool({ connectionString: target.url, max: 2 });
  onTestFinished(() => sql.end());
  const copyApi = overRest({ url: copy.url, apiKey: original.apiKey });

  await workersHaveLooked(sql);
  expect([writes(), (await receiver.posts('hook', 4)).length]).toEqual([4, 4]);
  expect((await copyApi.runs.get({ runId: asking })).status).toBe('PAUSED');
  expect(copy.log()).toContain('was restored from a backup and is held');

  expect(await answerOf(['resume'], { env: databaseEnv(target.url) })).toMatchObject({ resumed: true });
  for (const runId of [inTheCall, beforeTheCall]) {
    await reaches(copyApi, runId, 'PAUSED');
    const [effect] = (await copyApi.runs.get({ runId })).waitingOn;
    expect(effect).toMatchObject({
      kind: 'effect',
      text: expect.stringContaining('may have been called after the backup'),
    });
    await copyApi.effects.resolve({ effectId: effect!.effectId!, decision: 'happened', output: 1 });
    await reaches(copyApi, runId, 'SUCCESS');
  }
  // An approval alone does not make the call of a restored run; the decision to retry does, once.
  const [approval] = (await copyApi.runs.get({ runId: asking })).waitingOn;
  await copyApi.approvals.decide({ approvalId: approval!.approvalId!, decision: 'approve' });
  const effectOf = async () => (await copyApi.runs.get({ runId: asking })).waitingOn[0]?.effectId;
  await expect.poll(effectOf, within).toEqual(expect.any(String));
  expect(writes()).toBe(4);
  await copyApi.effects.resolve({ effectId: (await effectOf())!, decision: 'retry' });
  await reaches(copyApi, asking, 'SUCCESS');
  expect(writes()).toBe(5);

  // New runs are as always.
  const { runId: later } = await copyApi.runs.create(
    aRun({ selectedCustomerIntegrationIds: [id], plan: steps(id, 'order') }),
  );
  await reaches(copyApi, later, 'SUCCESS');
  expect(writes()).toBe(6);
  expect(loginsOf(target.url).ownerUrl).toBeDefined();
});
