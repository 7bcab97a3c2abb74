// Several processes on one Postgres: a workspace that floods the queue, and one with a single run.
import { scopes } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { createTestDatabase, loginsOf, masterKey } from '@errand/db/testing';
import pg from 'pg';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { aPlan, aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { request } from './fixtures/request.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, type Caller, overRest } from './fixtures/transports.ts';

const SLOTS = 8;
/** The number of runs that a worker claims at once; the slots may be exceeded by as many per worker for a moment. */
const CONCURRENCY = 16;
const FLOOD = 300;

/** A stub: `hold` answers once `open` was called, `take` answers at once. */
async function startGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const stub = await startStub({
    hold: { answer: async (response) => json(response, await opened.then(() => 1)) },
    take: { answer: (response) => json(response, 1) },
  });
  return { stub, open };
}

const register = async (api: Api, stub: Stub) => {
  const auth = { type: 'API_TOKEN', token: 't' } as const;
  const integration = await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth });
  return integration.customerIntegrationId;
};
const calling = (id: string, operation: string, more = {}) =>
  aRun({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.${operation}`), ...more });

describe('two http processes and two workers', () => {
  let databaseUrl: string;
  let servers: Server[];
  let workers: Server[];
  let gate: Awaited<ReturnType<typeof startGate>>;
  let pool: pg.Pool;
  let quiet: Caller;
  beforeAll(async () => {
    const [database, startedGate] = await Promise.all([createTestDatabase(inject('postgres')), startGate()]);
    databaseUrl = database.url;
    gate = startedGate;
    const masterKeys = masterKey();
    const env = {
      ERRAND_MASTER_KEYS: masterKeys,
      ERRAND_EGRESS_ALLOW: gate.stub.origin,
      ERRAND_WORKER_CONCURRENCY: String(CONCURRENCY),
      ERRAND_WORKSPACE_CONCURRENCY: String(SLOTS),
    };
    const start = (ERRAND_ROLE: string) => startServer({ databaseUrl, env: { ...env, ERRAND_ROLE } });
    servers = [await start('http'), ...(await Promise.all([start('http')]))];
    workers = await Promise.all([start('worker'), start('worker')]);
    pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    const db = openDatabase({ ...loginsOf(databaseUrl), masterKeys: [masterKeys], poolSize: 1 });
    const { workspaceId } = await db.workspaces.create('the quiet one');
    const { key } = await db.apiKeys.create(workspaceId, { name: 'key', scopes });
    await db.close();
    quiet = { url: servers[1]!.url, apiKey: key };
    return async () => {
      gate.open();
      await pool.end();
      await Promise.all([...servers, ...workers].map((child) => child.stop()));
      await gate.stub.close();
      await database.drop();
    };
  });

  test('a flood delays no other workspace, and is carried out completely although a worker is killed', async () => {
    const busy = [overRest(servers[0]!), overRest(servers[1]!)];
    const id = await register(busy[0]!, gate.stub);
    const runs: string[] = [];
    let n = 0;
    const post = async () => {
      while (n++ < FLOOD) runs.push((await busy[n % 2]!.runs.create(calling(id, 'hold'))).runId);
    };
    await Promise.all(Array.from({ length: 20 }, post));
    const { rows } = await pool.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM run WHERE run_id = ANY($1) AND lease IS NOT NULL`,
      [runs],
    );
    expect(rows[0]!.held).toBeGreaterThanOrEqual(SLOTS);
    expect(rows[0]!.held).toBeLessThanOrEqual(SLOTS + workers.length * CONCURRENCY);

    const single = overRest(quiet);
    const { run } = await carryOut(single, calling(await register(single, gate.stub), 'take'));
    expect(run.status).toBe('SUCCESS');

    const waiting = await pool.query<{ id: string }>(
      'SELECT run_id AS id FROM run WHERE run_id = ANY($1) AND lease IS NULL ORDER BY run_id LIMIT 2',
      [runs],
    );
    for (const { id: runId } of waiting.rows) {
      expect((await busy[0]!.runs.cancel({ runId })).status).toBe('CANCELED');
      expect((await eventsOf(busy[1]!, runId)).map(({ type }) => type)).toEqual(['end']);
    }

    await workers[0]!.kill();
    gate.open();
    const counts = async () => {
      const { rows } = await pool.query<{ status: string; n: number }>(
        'SELECT status, count(*)::int AS n FROM run WHERE run_id = ANY($1) GROUP BY status',
        [runs],
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    };
    await expect.poll(counts, { timeout: 50_000, interval: 250 }).toEqual({ SUCCESS: FLOOD - 2, CANCELED: 2 });
    const unfinished = await pool.query('SELECT 1 FROM run WHERE due > 0 OR lease IS NOT NULL');
    expect(unfinished.rowCount).toBe(0);
    // A cancelled run never started; of the others only those of the killed worker may have started twice.
    const hits = gate.stub.hits.filter(({ operation }) => operation === 'hold').length;
    expect(hits).toBeGreaterThanOrEqual(FLOOD - 2);
    expect(hits).toBeLessThanOrEqual(FLOOD - 2 + CONCURRENCY);
  });
});

describe('one process', () => {
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
    return { server, api, ...gate, id: await register(api, gate.stub) };
  }

  test('of waiting runs the highest priority starts first, then the oldest', async () => {
    const { api, id, open } = await startNarrow();
    await api.runs.create(calling(id, 'hold'));
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

  test('the backlog of all counts the runs of other workspaces', async () => {
    const { api, id } = await startNarrow({ ERRAND_MAX_BACKLOG: '2', ERRAND_WORKSPACE_CONCURRENCY: '4' });
    for (let i = 0; i < 2; i++) await api.runs.create(calling(id, 'hold'));
    await expect(api.runs.create(calling(id, 'hold'))).rejects.toMatchObject({
      status: 503,
      problem: { code: 'unavailable', detail: expect.stringContaining('Too many runs') },
    });
  });
});
