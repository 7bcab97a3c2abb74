// The order of runs that wait, and the limits of their number, in one process.
import { createTestDatabase } from '@errand/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aRun, eventsOf } from './fixtures/builders.ts';
import { slowTest } from './fixtures/combine.ts';
import { calling, registerGate, startGate } from './fixtures/gate.ts';
import { request } from './fixtures/request.ts';
import { startServer } from './fixtures/server.ts';
import { overRest } from './fixtures/transports.ts';

async function startNarrow(env: Record<string, string> = {}) {
  const [database, gate] = await Promise.all([createTestDatabase(inject('postgres')), startGate()]);
  const server = await startServer({
    databaseUrl: database.url,
    env: {
      ERRAND_EGRESS_ALLOW: gate.stub.origin,
      ERRAND_WORKER_CONCURRENCY: '4',
      ERRAND_WORKSPACE_CONCURRENCY: '1',
      ...env,
    },
  });
  onTestFinished(async () => {
    gate.open();
    await server.stop();
    await gate.stub.close();
    await database.drop();
  });
  const api = overRest(server);
  return { server, api, ...gate, id: await registerGate(api, gate.stub) };
}

test('of waiting runs the highest priority starts first, then the oldest', async () => {
  const { api, id, open, stub } = await startNarrow();
  await api.runs.create(calling(id, 'hold'));
  // It occupies the only slot before the others are created.
  await expect.poll(() => stub.hits.length).toBe(1);
  const runs: { runId: string }[] = [];
  for (const priority of [-10, 0, undefined, 10, 5, 10]) {
    runs.push(await api.runs.create(calling(id, 'take', priority === undefined ? {} : { priority })));
  }
  open();
  const ended = await Promise.all(
    runs.map(async ({ runId }, n) => {
      await eventsOf(api, runId);
      return { n, startedAt: (await api.runs.get({ runId })).startedAt! };
    }),
  );
  expect(ended.sort((a, b) => a.startedAt.localeCompare(b.startedAt)).map(({ n }) => n)).toEqual([3, 5, 4, 1, 2, 0]);
  for (const priority of [-11, 11, 0.5, 'high']) {
    await expect(api.runs.create({ ...aRun(), priority: priority as number })).rejects.toMatchObject({
      problem: { code: 'validation_failed', errors: [{ pointer: '/priority' }] },
    });
  }
});

test('above the backlog limit a run is refused, and accepted again below it', async () => {
  const { server, api, id, open } = await startNarrow({ ERRAND_MAX_WORKSPACE_BACKLOG: '3' });
  for (let i = 0; i < 3; i++) await api.runs.create(calling(id, 'hold'));
  const once = { 'idempotency-key': 'once' };
  const refused = await request(server, '/v1/runs', { body: aRun(), headers: once });
  expect([refused.status, refused.problem.code]).toEqual([503, 'unavailable']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await api.runs.list({})).pagination.totalItems).toBe(3);

  open();
  const otherInput = { ...calling(id, 'take'), metadata: { second: 'try' } };
  const again = async () => (await request(server, '/v1/runs', { body: otherInput, headers: once })).status;
  await expect.poll(again, { timeout: 15_000 }).toBe(201);
});

slowTest('the backlog of all counts the runs of other workspaces', async () => {
  const { api, id } = await startNarrow({ ERRAND_MAX_BACKLOG: '2', ERRAND_WORKSPACE_CONCURRENCY: '4' });
  for (let i = 0; i < 2; i++) await api.runs.create(calling(id, 'hold'));
  await expect(api.runs.create(calling(id, 'hold'))).rejects.toMatchObject({
    status: 503,
    problem: { code: 'unavailable', detail: expect.stringContaining('Too many runs') },
  });
});
