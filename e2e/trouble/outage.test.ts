// Postgres fails in every manner while runs are in flight: no accepted run is lost, and work continues on its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aRun, eventsOf } from '../fixtures/builders.ts';
import { openStream } from '../fixtures/frames.ts';
import { request } from '../fixtures/request.ts';
import { json } from '../fixtures/stub.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld, expectUnavailable } from './checks.ts';
import { aPostgres, aSite, type Site } from './site.ts';

const slow = {
  answer: async (response: Parameters<typeof json>[0]) => {
    await sleep(400);
    json(response, { fine: true });
  },
};
const RUNS = 12;

/** Runs in flight, one of them followed; then an outage; then its end. */
async function through(site: Site, begin: () => Promise<unknown>, heal: () => Promise<unknown>, troubleMs: number) {
  const [server] = site.http as [Site['http'][0]];
  const input = aRun({
    selectedCustomerIntegrationIds: [site.id],
    plan: chain(site.id, ['look', 'look', 'look', 'look']),
  });
  const runs = await Promise.all(Array.from({ length: RUNS }, () => site.api.runs.create(input)));
  const runIds = runs.map(({ runId }) => runId);
  const followed = eventsOf(site.api, runIds[0]!, true);
  const carriesOut = site.workers.includes(server);
  // A stream of a run that this process carries out stays open while Postgres is unreachable. The reader does not reconnect.
  const open = carriesOut ? await openStream(server, runIds[1]!) : undefined;
  await expect.poll(() => site.stub.hits.length, { timeout: 60_000 }).toBeGreaterThan(RUNS);

  const from = performance.now();
  await begin();
  await expectUnavailable(server, runIds[1]!, input, carriesOut);
  await sleep(Math.max(0, troubleMs - (performance.now() - from)));
  await heal();

  await expect.poll(async () => (await request(server, '/readyz')).status, { timeout: 60_000 }).toBe(200);
  const afterwards = await site.api.runs.create(input);
  await expectEnds(site, [...runIds, afterwards.runId], 30_000);
  expect((await followed).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  if (open) expect((await open.rest()).map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5, 6]);
  await expectNothingHeld(site);
  for (const server of [...site.http, ...site.workers]) expectAlive(server);
  // A refused run may exist, but no run may stay unfinished.
  const { rows } = await site.admin.query(`SELECT count(*)::int AS n FROM run WHERE ended_at IS NULL`);
  expect(rows).toEqual([{ n: 0 }]);
}

const ways = (site: Site) => [...new Set([...site.http, ...site.workers])].map(({ way }) => way);

test('connections are cut and refused', async () => {
  const site = await aSite({ operations: { look: slow } });
  const all = ways(site);
  await through(
    site,
    () =>
      Promise.all(
        all.map(async (way) => {
          await way.set({ kind: 'refuse' });
          way.cut();
        }),
      ),
    () => Promise.all(all.map((way) => way.set({ kind: 'pass' }))),
    4000,
  );
});

test('connections hang longer than the lease', async () => {
  const site = await aSite({ operations: { look: slow }, http: 1, workers: 1 });
  const all = ways(site);
  await through(
    site,
    () => Promise.all(all.map((way) => way.set({ kind: 'hang' }))),
    () => Promise.all(all.map((way) => way.set({ kind: 'pass' }))),
    13_000,
  );
});

test('connections are cut repeatedly', async () => {
  const site = await aSite({ operations: { look: slow }, http: 1, workers: 2 });
  const input = aRun({
    selectedCustomerIntegrationIds: [site.id],
    plan: chain(site.id, ['look', 'look', 'look', 'look']),
  });
  const runs = await Promise.all(Array.from({ length: RUNS }, () => site.api.runs.create(input)));
  for (const [i, { way }] of site.workers.entries()) await way.set({ kind: 'flaky', seed: 11 + i, meanBytes: 20_000 });
  await sleep(5000);
  for (const { way } of site.workers) await way.set({ kind: 'pass' });
  await expectEnds(
    site,
    runs.map(({ runId }) => runId),
    30_000,
  );
  await expectNothingHeld(site);
  for (const worker of site.workers) expectAlive(worker);
});

test.each(['killed', 'stopped'])('Postgres is %s and started again', async (how) => {
  const postgres = await aPostgres();
  const site = await aSite({ operations: { look: slow }, databaseUrl: postgres.url, http: 1, workers: 2 });
  await through(
    site,
    async () => (how === 'killed' ? process.kill(postgres.pid, 'SIGKILL') : postgres.stop()),
    () => postgres.start(),
    3000,
  );
});
