// Two processes share what one of them learns about a service. Each carries out one run at a time, so a run that a call holds up leaves the
// others to the other process.
import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { json } from '../fixtures/stub.ts';
import { aSite } from '../trouble/site.ts';

type Response = Parameters<typeof json>[0];
const POLL = { timeout: 30_000, interval: 50 };

/** Two processes that execute runs, and a service. */
async function aBusySite() {
  const service = { isDown: true, release: () => {} };
  const failing = (response: Response) => (service.isDown ? void response.writeHead(503).end() : json(response, {}));
  const hold = async (response: Response) => {
    await new Promise<void>((resolve) => {
      service.release = resolve;
    });
    json(response, {});
  };
  const site = await aSite({
    operations: {
      hold: { answer: hold },
      down: { answer: failing },
      alsoDown: { answer: failing },
      last: { answer: failing },
      limited: { answer: (response) => void response.writeHead(429, { 'retry-after': '3600' }).end() },
    },
    workers: 1,
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
  /** Starts a run that occupies one process until `release`, and then calls `last`. */
  const startHeld = async (last: string) => {
    const before = hits('hold');
    const held = await start('hold', last);
    await expect.poll(() => hits('hold'), POLL).toBe(before + 1);
    return held;
  };
  return { ...site, service, start, startHeld, hits };
}

test('an outage, and then a limit, that one process meets keep the calls of the other back', async () => {
  const site = await aBusySite();
  await expectSharedOutage(site);
  await expectSharedLimit(site);
});

type BusySite = Awaited<ReturnType<typeof aBusySite>>;

async function expectSharedOutage({ admin, api, service, start, startHeld, hits }: BusySite): Promise<void> {
  const held = await startHeld('last');
  const runs: string[] = [];
  for (let i = 0; i < 4; i++) runs.push(await start(i % 2 === 0 ? 'down' : 'alsoDown'));
  const pause = async () =>
    (await admin.query<{ until: Date }>(`SELECT paused_until AS until FROM call_pause WHERE kind = 'outage'`)).rows[0];
  await expect.poll(pause, POLL).toBeDefined();
  expect(hits('down') + hits('alsoDown')).toBe(10);
  const { until } = (await pause())!;
  service.isDown = false;
  service.release();
  for await (const _ of api.runs.stream({ runId: held }));
  expect((await api.runs.get({ runId: held })).status).toBe('SUCCESS');
  const { rows } = await admin.query<{ at: Date }>(
    'SELECT finished_at AS at FROM ledger WHERE run_id = $1 AND step_id = $2',
    [held, 's1'],
  );
  expect(rows[0]!.at.getTime()).toBeGreaterThanOrEqual(until.getTime());
  for (const runId of runs) for await (const _ of api.runs.stream({ runId }));
}

async function expectSharedLimit({ admin, api, id, service, start, startHeld, hits }: BusySite): Promise<void> {
  const held = await startHeld('limited');
  const isAsleep = async (runId: string) =>
    (await admin.query('SELECT FROM run WHERE run_id = $1 AND not_before > now()', [runId])).rowCount === 1;
  const first = await start('limited');
  await expect.poll(() => isAsleep(first), POLL).toBe(true);
  service.release();
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
}
