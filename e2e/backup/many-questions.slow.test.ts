// A restore of 5,000 open runs asks 5,000 questions, which a person decides by a filter.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunStatus } from '@errand/contracts';
import { createTestDatabase } from '@errand/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { databaseEnv, startServer } from '../fixtures/server.ts';
import { stackForTest } from '../fixtures/stack.ts';
import { json, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { answerOf } from './errand.ts';

const [HAPPENED, LOST] = [4000, 1000];
const within = { timeout: 400_000, interval: 1000 };
const OPEN: RunStatus[] = ['QUEUED', 'RUNNING', 'PAUSED'];
/** Of a clock tick of /proc, in seconds. */
const TICK = 0.01;

/** Processor time of a process since its start, in seconds. */
async function processorTime(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** A service with a database whose runs were open in the backup, and ask before their write. */
async function restored(env: Record<string, string>, prepare: (api: Api) => Promise<void>) {
  const original = await stackForTest({ seed: false, env: { ...env, ERRAND_ROLE: 'http' } });
  await prepare(overRest(original));
  const folder = await mkdtemp(join(tmpdir(), 'errand-backup-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'backup.zip');
  await answerOf(['backup', file], { env: databaseEnv(original.databaseUrl) });
  await original.end();
  const target = await createTestDatabase(inject('postgres'), { empty: true });
  onTestFinished(() => target.drop());
  const masterKeys = (await readFile(join(original.dataDir, 'master-keys'), 'utf8')).trim();
  const settings = { ...databaseEnv(target.url), ERRAND_MASTER_KEYS: masterKeys };
  expect(await answerOf(['restore', file], { env: settings })).toMatchObject({ openRuns: HAPPENED + LOST });
  const copy = await startServer({ databaseUrl: target.url, env: { ...env, ERRAND_MASTER_KEYS: masterKeys } });
  onTestFinished(async () => void (await copy.stop()));
  await answerOf(['resume'], { env: databaseEnv(target.url) });
  return { copy, api: overRest({ url: copy.url, apiKey: original.apiKey }) };
}

/** Decides all questions about runs of a user. @returns the number of requests, with the count */
async function decideAll(api: Api, userId: string, decision: 'happened' | 'retry', expected: number): Promise<number> {
  const filter = { kind: ['effect' as const], userId };
  let { matching: last } = await api.pending.decide({ matching: { filter, decision } });
  let requests = 1;
  expect(last!.remaining).toBe(expected);
  for (let decided = 0; last!.newest !== undefined; requests++) {
    const { remaining: expectedCount, newest } = last!;
    ({ matching: last } = await api.pending.decide({ matching: { filter, decision, expectedCount, newest } }));
    decided += last!.decided;
    expect([decided + last!.remaining, last!.skipped]).toEqual([expected, {}]);
  }
  return requests;
}

test('5,000 questions are decided in at most ten requests, each once', { timeout: 900_000 }, async () => {
  const stub = await startStub({ order: { method: 'POST', answer: (response) => json(response, 1) } });
  onTestFinished(() => stub.close());
  const { copy, api } = await restored({ ERRAND_EGRESS_ALLOW: stub.origin }, async (original) => {
    const { customerIntegrationId: id } = await original.integrations.create({
      name: 'Shop',
      kind: 'openapi',
      document: stub.document,
      auth: { type: 'NONE' },
    });
    const users = [...Array<string>(HAPPENED).fill('ada'), ...Array<string>(LOST).fill('ben')];
    const plan = aPlan(`${id}.order`);
    const create = async () => {
      for (let userId = users.pop(); userId !== undefined; userId = users.pop())
        await original.runs.create(aRun({ userId, selectedCustomerIntegrationIds: [id], plan }));
    };
    await Promise.all(Array.from({ length: 16 }, create));
  });
  const count = async () =>
    (await api.pending.decide({ matching: { filter: { kind: ['effect'] }, decision: 'skip' } })).matching!.matched;
  await expect.poll(count, within).toBe(HAPPENED + LOST);
  expect(stub.hits).toHaveLength(0);

  const before = await processorTime(copy.pid);
  const requests = (await decideAll(api, 'ada', 'happened', HAPPENED)) + (await decideAll(api, 'ben', 'retry', LOST));
  const seconds = (await processorTime(copy.pid)) - before;
  expect(requests).toBeLessThanOrEqual(10);
  // Of the decisions and of the runs that they continue.
  expect(seconds / (HAPPENED + LOST)).toBeLessThan(0.01);
  await expect.poll(async () => (await api.runs.list({ status: OPEN, pageSize: 1 })).runs.length, within).toBe(0);
  expect(stub.hits).toHaveLength(LOST);
});
