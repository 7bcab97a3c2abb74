// The process dies at each failpoint of a rerun from a step: no write is made twice, none is missing, and none before the step is made.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@errand/db/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aRun, whole } from '../fixtures/builders.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { json, type Stub, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let database: TestDatabase;
let dataDir: string;
let stub: Stub;
let tool: string;
let server: Server;

const POINTS = ['create.after', 'claim.after', 'append.after', 'call.before', 'call.after', 'end.after'] as const;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  dataDir = await mkdtemp(join(tmpdir(), 'errand-e2e-'));
  const schema = { type: 'object', properties: { name: { type: 'string' } } };
  const more = { requestBody: { content: { 'application/json': { schema } } } };
  stub = await startStub({
    pay: { method: 'POST', more, answer: (response, { body }) => json(response, { of: JSON.parse(body).name }) },
  });
  await start();
  const api = overRest(server);
  const auth = { type: 'NONE' } as const;
  const { customerIntegrationId } = await api.integrations.create({
    name: 'Till',
    kind: 'openapi',
    document: stub.document,
    auth,
  });
  tool = `${customerIntegrationId}.pay`;
  await api.integrations.setTools({ customerIntegrationId, enabled: [tool] });
});
afterAll(async () => {
  await server.kill();
  await stub.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  stub.hits.length = 0;
});

async function start(env: Record<string, string> = {}): Promise<Api> {
  server = await startServer({ databaseUrl: database.url, dataDir, env: { ERRAND_EGRESS_ALLOW: stub.origin, ...env } });
  return overRest(server);
}
const isAlive = () => {
  try {
    return process.kill(server.pid, 0);
  } catch {
    return false;
  }
};
const names = () => stub.hits.map(({ body }) => JSON.parse(body).name);
const step = (id: string, ...dependsOn: string[]) => ({ id, tool, args: { body: { name: id } }, dependsOn });

/** Decides about writes of unknown effect as a person who looks at the service. */
async function untilEnded(api: Api, runId: string) {
  for (;;) {
    const run = await api.runs.get({ runId, includeEvents: true });
    if (run.endedAt) return run;
    for (const { effectId } of run.waitingOn) {
      const asked = run.events.find((event) => event.type === 'step' && event.step.effectId === effectId);
      if (effectId === undefined || asked?.type !== 'step') continue;
      const of = asked.step.stepId;
      const answer = names().includes(of) ? { decision: 'happened', output: { of } } : { decision: 'retry' };
      await api.effects.resolve({ effectId, ...answer } as Parameters<Api['effects']['resolve']>[0]);
    }
    await sleep(100);
  }
}

test.each(POINTS)('%s', async (point) => {
  await server.kill();
  let api = await start();
  const steps = [step('first'), step('second', 'first'), step('third', 'second'), step('aside')];
  const result = {
    all: { $: '[steps.first.output.of, steps.second.output.of, steps.third.output.of, steps.aside.output.of]' },
  };
  const { runId } = whole(await api.runs.create(aRun({ plan: { goal: 'Pay', steps, result }, prefer: 'wait=30' })));
  expect(names().sort()).toEqual(['aside', 'first', 'second', 'third']);
  await server.kill();
  stub.hits.length = 0;
  const seed = createHash('sha256').update(point).digest().readUInt16BE();
  api = await start({ ERRAND_FAULTS: `kill=${point}:1,seed=${seed}` });
  const request = {
    runId,
    mode: 'same_plan',
    from: 'second',
    idempotencyKey: `rerun at ${point}`.replaceAll(' ', '-'),
  } as const;
  await api.runs.rerun(request).catch(() => {});
  await expect.poll(isAlive).toBe(false);
  await server.kill();
  api = await start();
  // The key is released some seconds after its process died.
  let rerunId: string | undefined;
  await expect
    .poll(async () => {
      const accepted = await api.runs.rerun(request).catch(() => undefined);
      rerunId = accepted?.runId;
      return rerunId;
    })
    .toBeDefined();
  const run = await untilEnded(api, rerunId!);
  expect(run).toMatchObject({ status: 'SUCCESS', result: { all: ['first', 'second', 'third', 'aside'] } });
  expect(names().sort()).toEqual(['second', 'third']);
  const kept = run.events.flatMap((event) =>
    event.type === 'step' && event.step.takenFrom ? [event.step.stepId] : [],
  );
  expect(kept.sort()).toEqual(['aside', 'first']);
});
