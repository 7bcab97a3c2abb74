// A worker that is cut off from Postgres, and comes back.
import { batchPoolOptions, newId, Transitions } from '@errand/db';
import type { Toolbox } from '@errand/ports/toolbox';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { aPlan, aRun, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
const pools: pg.Pool[] = [];
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
});
afterAll(async () => {
  await engines.close();
  for (const pool of pools) await pool.end();
  await service.close();
});

/** The ways of one worker to Postgres, which can be cut: its sessions stay, as with a network that is gone. */
function ways() {
  let cut = false;
  type Ask = (...args: unknown[]) => Promise<unknown>;
  const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const guard = (of: object, key: 'query' | 'connect') => {
    const real = (of as Record<string, Ask>)[key]!.bind(of);
    (of as Record<string, Ask>)[key] = async (...args) => {
      if (cut) throw refused();
      return real(...args);
    };
  };
  const aPool = (options = '') => {
    const pool = new pg.Pool({ connectionString: engines.url, max: 5, options });
    pool.on('error', () => {});
    guard(pool, 'query');
    guard(pool, 'connect');
    pools.push(pool);
    return pool;
  };
  const batchPool = aPool(
    Object.entries(batchPoolOptions)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  );
  return {
    db: {
      pool: aPool(),
      batchPool,
      transitions: new Transitions(batchPool),
      connect: async () => {
        if (cut) throw refused();
        const client = new pg.Client({ connectionString: engines.url });
        client.on('error', () => {});
        await client.connect();
        guard(client, 'query');
        return client;
      },
    },
    cut: (now: boolean) => {
      cut = now;
    },
  };
}

test('runs of a disconnected worker count no death', async () => {
  const workers = { watchMs: 50, tickMs: 50, frozenMs: 500 };
  const { db, cut } = ways();
  service.behaviours.look = () => undefined;
  const first = await engines.engine(service.toolbox, { db, workers });
  const workspaceId = newId();
  const { runId } = await first.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect.poll(() => service.calls('look')).toBe(1);
  const row = async () => (await engines.query('SELECT epoch, deaths, lease FROM run WHERE run_id = $1', [runId]))[0]!;
  const { lease } = await row();
  await engines.engine(service.toolbox, { workers });
  cut(true);
  await expect.poll(() => service.calls('look'), { timeout: 5000 }).toBe(2);
  expect(await row()).toMatchObject({ epoch: 3, deaths: 1 });
  cut(false);
  await expect.poll(async () => (await row()).deaths, { timeout: 5000 }).toBe(0);
  expect((await row()).lease).not.toBe(lease);
  await first.cancel(workspaceId, runId);
});

test('a write that was withdrawn before it was sent, because its worker was cut off, is made afterwards', async () => {
  const workers = { watchMs: 50, tickMs: 50, frozenMs: 500 };
  const { db, cut } = ways();
  let withdrawn = 0;
  const call: Toolbox['call'] = async (request) => {
    if (withdrawn > 0) return service.toolbox.call(request);
    withdrawn++;
    cut(true);
    await new Promise((aborted) => request.signal.addEventListener('abort', aborted));
    cut(false);
    return { ok: false, code: 'canceled', message: 'The call was canceled.', retryable: false, effectKnown: 'no' };
  };
  const engine = await engines.engine({ ...service.toolbox, call }, { db, workers });
  const workspaceId = newId();
  const before = service.calls('make');
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'make']]) }));
  const status = async () =>
    (await engines.query('SELECT status FROM run WHERE run_id = $1 AND ended_at IS NOT NULL', [runId]))[0]?.status;
  await expect.poll(status).toBe('SUCCESS');
  expect(service.calls('make') - before).toBe(1);
});
