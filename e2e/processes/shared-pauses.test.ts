// Two processes share what one of them learns about a service. Each carries out one run at a time, so a run that a call holds up leaves the
// others to the other process.
import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { json } from '../fixtures/stub.ts';
import { aSite, type SiteOptions } from '../trouble/site.ts';

/** A site with two workers, one of which executes a run that calls `hold` until `release`, and then `last`. */
async function aBusySite(operations: SiteOptions['operations'], last: string) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hold = {
    answer: async (response: Parameters<typeof json>[0]) => {
      await released;
      json(response, {});
    },
  };
  const site = await aSite({
    operations: { ...operations, hold },
    http: 1,
    workers: 2,
    env: { ERRAND_WORKER_CONCURRENCY: '1', ERRAND_WORKSPACE_CONCURRENCY: '10' },
  });
  const { api, id, stub } = site;
  const start = async (...tools: string[]) => {
    const steps = tools.map((tool, i) => ({
      id: `s${i}`,
      tool: `${id}.${tool}`,
      ...(i > 0 && { dependsOn: [`s${i - 1}`] }),
    }));
    const plan = { goal: 'Call', steps };
    return (await api.runs.create(aRun({ selectedCustomerIntegrationIds: [id], plan }))).runId;
  };
  const hits = (operation: string) => stub.hits.filter((hit) => hit.operation === operation).length;
  const held = await start('hold', last);
  await expect.poll(() => hits('hold')).toBe(1);
  return { ...site, start, hits, held, release };
}

const POLL = { timeout: 30_000, interval: 50 };

test('a limit that one process meets keeps the calls of the other back', async () => {
  const limited = {
    answer: (response: Parameters<typeof json>[0]) => void response.writeHead(429, { 'retry-after': '3600' }).end(),
  };
  const { admin, api, id, start, hits, held, release } = await aBusySite({ limited }, 'limited');
  const isAsleep = async (runId: string) =>
    (await admin.query('SELECT FROM run WHERE run_id = $1 AND not_before > now()', [runId])).rowCount === 1;
  const first = await start('limited');
  await expect.poll(() => isAsleep(first), POLL).toBe(true);
  release();
  await expect.poll(() => isAsleep(held), POLL).toBe(true);
  expect(hits('limited')).toBe(1);
  const { rows } = await admin.query('SELECT state, attempts, error FROM ledger WHERE run_id = $1 AND step_id = $2', [
    held,
    's1',
  ]);
  expect(rows).toMatchObject([{ state: 'REFUSED', attempts: 0, error: { code: 'upstream_paused' } }]);
  const { health } = await api.integrations.get({ customerIntegrationId: id });
  expect(health === undefined || health.limitedUntil !== undefined).toBe(true);
  expect((await api.runs.cancel({ runId: first })).status).toBe('CANCELED');
});

test('an outage that one process meets keeps the calls of the other back, until a call is answered', async () => {
  let isDown = true;
  const failing = {
    answer: (response: Parameters<typeof json>[0]) =>
      isDown ? void response.writeHead(503).end() : json(response, {}),
  };
  const { admin, api, start, hits, held, release } = await aBusySite(
    { down: failing, alsoDown: failing, last: failing },
    'last',
  );
  const runs: string[] = [];
  for (let i = 0; i < 4; i++) runs.push(await start(i % 2 === 0 ? 'down' : 'alsoDown'));
  const pause = async () =>
    (await admin.query<{ until: Date }>(`SELECT paused_until AS until FROM call_pause WHERE kind = 'outage'`)).rows[0];
  await expect.poll(pause, POLL).toBeDefined();
  expect(hits('down') + hits('alsoDown')).toBe(10);
  const { until } = (await pause())!;
  isDown = false;
  release();
  for await (const _ of api.runs.stream({ runId: held }));
  expect((await api.runs.get({ runId: held })).status).toBe('SUCCESS');
  const { rows } = await admin.query<{ at: Date }>(
    'SELECT finished_at AS at FROM ledger WHERE run_id = $1 AND step_id = $2',
    [held, 's1'],
  );
  expect(rows[0]!.at.getTime()).toBeGreaterThanOrEqual(until.getTime());
  for (const runId of runs) for await (const _ of api.runs.stream({ runId }));
});
