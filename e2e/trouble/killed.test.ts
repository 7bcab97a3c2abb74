// Workers that die, or stop longer than their lease: their runs continue elsewhere soon, and nothing is sent twice.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { type Hit, json } from '../fixtures/stub.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld } from './checks.ts';
import { aSite, type Site } from './site.ts';

const RUNS = 24;
const look = {
  answer: async (response: Parameters<typeof json>[0]) => {
    await sleep(700);
    json(response, { fine: true });
  },
};
const order = { ...look, method: 'POST' } as const;

/** Runs of both workers, each in the middle of its work, and those of the first worker. */
async function underWay(operations: readonly string[]) {
  const site = await aSite({ operations: { look, order }, http: 2, workers: 2 });
  const plan = chain(site.id, operations);
  const input = aRun({ selectedCustomerIntegrationIds: [site.id], plan });
  const runs = await Promise.all(Array.from({ length: RUNS }, () => site.api.runs.create(input)));
  await expect.poll(() => site.stub.hits.length, { timeout: 60_000 }).toBeGreaterThan(RUNS);
  return { site, runIds: runs.map(({ runId }) => runId) };
}

/** Pools with leased runs. */
const holders = async (site: Site): Promise<string[]> =>
  (await site.admin.query<{ id: string }>('SELECT DISTINCT lease AS id FROM run WHERE lease IS NOT NULL')).rows.map(
    ({ id }) => id,
  );

/** Time until the silent one of the two pools has no more leases, in ms. */
async function takenOver(site: Site, both: readonly string[], withinMs: number): Promise<number> {
  const from = performance.now();
  const alive = `SELECT worker_pool_id AS id FROM worker_pool WHERE heartbeat_at > $1`;
  const now = (await site.admin.query<{ now: Date }>('SELECT clock_timestamp() AS now')).rows[0]!.now;
  const livingPools = async () =>
    (await site.admin.query<{ id: string }>(alive, [now])).rows.map(({ id }) => id).filter((id) => both.includes(id));
  await expect.poll(async () => (await livingPools()).length, { timeout: 5000, interval: 20 }).toBe(1);
  const [living] = await livingPools();
  const dead = both.find((id) => id !== living)!;
  await expect.poll(() => holders(site), { timeout: withinMs, interval: 20 }).not.toContain(dead);
  return performance.now() - from;
}

const effects = (hits: readonly Hit[]) => {
  const counts = new Map<string, number>();
  for (const { headers, operation } of hits) {
    const key = headers['idempotency-key'];
    if (operation === 'order' && typeof key === 'string') counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
};

test('a killed worker’s runs are taken over within 2 s', async () => {
  const { site, runIds } = await underWay(['look', 'look', 'look', 'look', 'look']);
  const [killed] = site.workers as [Site['workers'][0]];
  const both = await holders(site);
  expect(both).toHaveLength(2);
  await killed.kill();
  const took = await takenOver(site, both, 10_000);
  expect(took, `taken over after ${Math.round(took)} ms`).toBeLessThan(2500);
  await expectEnds(site, runIds, 20_000);
  await expectNothingHeld(site);
});

test('the runs of a worker that stops for 13 s are taken over within 12 s, and it sends nothing when it wakes', async () => {
  const { site, runIds } = await underWay(['look', 'look', 'order', 'look', 'look', 'order', 'look', 'look']);
  const [frozen] = site.workers as [Site['workers'][0]];
  const both = await holders(site);
  expect(both).toHaveLength(2);
  process.kill(frozen.pid, 'SIGSTOP');
  const from = performance.now();
  try {
    const took = await takenOver(site, both, 20_000);
    expect(took, `taken over after ${Math.round(took)} ms`).toBeLessThan(12_000);
    await sleep(13_000 - (performance.now() - from));
    // An order in flight may or may not have been carried out: the run then ends otherwise, or waits for a person.
    const settled = async () =>
      (await site.admin.query(`SELECT count(*)::int AS n FROM run WHERE lease IS NOT NULL`)).rows[0].n;
    await expect.poll(settled, { timeout: 60_000 }).toBe(0);
    const before = site.stub.hits.length;
    process.kill(frozen.pid, 'SIGCONT');
    await sleep(3000);
    expect(site.stub.hits.slice(before).map(({ url }) => url)).toEqual([]);
  } finally {
    process.kill(frozen.pid, 'SIGCONT');
  }
  for (const [key, count] of effects(site.stub.hits)) expect([key, count]).toEqual([key, 1]);
  expectAlive(frozen);
  // It recovers on its own: without the other worker, new runs are carried out.
  await site.workers[1]!.kill();
  const input = aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, ['look']) });
  await expectEnds(site, [(await site.api.runs.create(input)).runId], 20_000);
  expect(runIds).toHaveLength(RUNS);
});
