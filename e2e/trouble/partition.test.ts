// Only one worker loses its connection to Postgres: others take over, and the worker does no harm after its return.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { json } from '../fixtures/stub.ts';
import { state } from '../fixtures/tables.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld } from './checks.ts';
import { aSite, type Site } from './site.ts';

const look = {
  answer: async (response: Parameters<typeof json>[0]) => {
    await sleep(700);
    json(response, { fine: true });
  },
};

test('the runs of a worker that is cut off are taken over within 12 s, and it neither writes nor sends anything afterwards', async () => {
  const site = await aSite({ operations: { look }, http: 1, workers: 2 });
  const input = aRun({
    selectedCustomerIntegrationIds: [site.id],
    plan: chain(site.id, ['look', 'look', 'look', 'look', 'look', 'look']),
  });
  const runs = await Promise.all(Array.from({ length: 16 }, () => site.api.runs.create(input)));
  const leases = async () =>
    (await site.admin.query<{ lease: string }>('SELECT DISTINCT lease FROM run WHERE lease IS NOT NULL')).rows;
  await expect.poll(async () => (await leases()).length, { timeout: 10_000, interval: 20 }).toBe(2);

  const [lone] = site.workers as [Site['workers'][0]];
  await lone.way.set({ kind: 'hang' });
  const from = performance.now();
  await expectEnds(
    site,
    runs.map(({ runId }) => runId),
    25_000,
  );
  const took = performance.now() - from;
  // The lease, and then at most the six steps once more.
  expect(took, `ended after ${Math.round(took)} ms`).toBeLessThan(12_000 + 6 * 700 + 3000);
  expect(took).toBeGreaterThan(9000);

  // Its writes during the partition are still on their way.
  const before = { tables: await state(site.admin.options.connectionString!), hits: site.stub.hits.length };
  await lone.way.set({ kind: 'pass' });
  await sleep(3000);
  expect({ tables: await state(site.admin.options.connectionString!), hits: site.stub.hits.length }).toEqual(before);
  await expectNothingHeld(site);
  expectAlive(lone);

  // It works again, also alone.
  await site.workers[1]!.kill();
  await expectEnds(site, [(await site.api.runs.create(input)).runId], 20_000);
});
