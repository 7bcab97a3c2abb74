// Several processes on one Postgres: a workspace that floods the queue, and one with a single run.
import { scopes } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { createTestDatabase, loginsOf, masterKey } from '@errand/db/testing';
import pg from 'pg';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { carryOut, eventsOf } from './fixtures/builders.ts';
import { calling, registerGate, startGate } from './fixtures/gate.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { type Caller, overRest } from './fixtures/transports.ts';

const SLOTS = 8;
/** The number of runs that a worker claims at once; the slots may be exceeded by as many per worker for a moment. */
const CONCURRENCY = 16;
const FLOOD = 300;

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
    const id = await registerGate(busy[0]!, gate.stub);
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
    const { run } = await carryOut(single, calling(await registerGate(single, gate.stub), 'take'));
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
