// A switchover whose address leads to the old primary for some seconds: it answers, and it is read-only.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStandby } from '@errand/db/testing';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { json } from '../fixtures/stub.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld } from './checks.ts';
import { aRouter } from './router.ts';
import { aPostgres, aSite, type Process, type Site } from './site.ts';

const CALLERS = 16;
const STALE_MS = 10_000;
const RECOVERY_MS = 30_000;
const look = { answer: (response: Parameters<typeof json>[0]) => json(response, { fine: true }) };

async function aFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'errand-e2e-standby-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A service behind a router, in front of a primary and of a standby that has what the primary had a moment ago. */
async function aPair() {
  const primaryDir = await aFolder();
  const primary = await aPostgres(primaryDir);
  const router = await aRouter(primary.port);
  const site = await aSite({
    operations: { look },
    databaseUrl: router.through(primary.url),
    http: 1,
    workers: 1,
  });
  await primary.stop();
  const standby = await startStandby(primaryDir, await aFolder());
  onTestFinished(() => standby.stop());
  await primary.start();
  const admin = new pg.Pool({ connectionString: primary.url, max: 2 });
  admin.on('error', () => {});
  onTestFinished(() => admin.end());
  const observer = new pg.Pool({ connectionString: standby.adminUrl, max: 1 });
  onTestFinished(() => observer.end());
  const sessionsAtStandby = async () =>
    (await observer.query(`SELECT FROM pg_stat_activity WHERE application_name LIKE 'errand%'`)).rowCount;
  return { primary, standby, router, site: { ...site, admin } satisfies Site, sessionsAtStandby };
}

type Created = { status: number; retryAfter: string | null; runId: string | undefined };

/** Callers that create runs and list them, one request after the other, until they are stopped. */
function callers(server: Process, input: object) {
  let stopped = false;
  const created: Created[] = [];
  const call = async () => {
    while (!stopped) {
      const { status, headers, text } = await request(server, '/v1/runs', { body: input });
      const runId = status === 201 ? (JSON.parse(text) as { runId: string }).runId : undefined;
      created.push({ status, retryAfter: headers.get('retry-after'), runId });
      await request(server, '/v1/runs?pageSize=1');
      await sleep(50);
    }
  };
  const all = Promise.all(Array.from({ length: CALLERS }, call));
  return {
    created,
    stop: () => {
      stopped = true;
      return all;
    },
  };
}

test('the address of the database leads to the read-only old primary for 10 s', async () => {
  const { primary, standby, router, site, sessionsAtStandby } = await aPair();
  const [server] = site.http as [Process];
  const ready = async () => (await request(server, '/readyz')).status;
  await expect.poll(ready, { timeout: 20_000 }).toBe(200);
  const input = aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, ['look', 'look']) });
  const load = callers(server, input);
  await expect.poll(() => load.created.filter(({ status }) => status === 201).length).toBeGreaterThan(2 * CALLERS);

  router.leadTo(standby.port);
  router.cut(primary.port);
  await expect.poll(ready, { timeout: 5000, interval: 20 }).toBe(503);
  const refusedFrom = load.created.length;
  const looks: number[] = [];
  for (const end = performance.now() + STALE_MS; performance.now() < end; await sleep(200)) looks.push(await ready());
  expect(new Set(looks)).toEqual(new Set([503]));
  expect(
    new Set(load.created.slice(refusedFrom + CALLERS).map(({ status, retryAfter }) => `${status} ${retryAfter}`)),
  ).toEqual(new Set(['503 1']));
  // Two processes with two logins: each tries once a second, and had at most its pools at first.
  expect(router.takenBy(standby.port)).toBeLessThan(150);

  router.leadTo(primary.port);
  const from = performance.now();
  const at = load.created.length;
  const newest = () => load.created.slice(at).slice(-5 * CALLERS);
  await expect
    .poll(() => newest().filter(({ status }) => status === 201).length, { timeout: RECOVERY_MS, interval: 50 })
    .toBe(5 * CALLERS);
  const firstRefused = load.created.slice(at).filter(({ status }) => status !== 201).length;
  console.log(
    `all creates succeed ${Math.round(performance.now() - from)} ms after the switch back; ${firstRefused} were refused meanwhile`,
  );
  expect(await ready()).toBe(200);
  await expect.poll(sessionsAtStandby, { timeout: 10_000 }).toBe(0);
  expect(router.openTo(standby.port)).toBe(0);

  await load.stop();
  await expectEnds(
    site,
    load.created.flatMap(({ runId }) => runId ?? []),
    60_000,
  );
  await expectNothingHeld(site);
  for (const one of [...site.http, ...site.workers]) expectAlive(one);
}, 180_000);
