// A switchover after which the address still leads to the old primary for some seconds: it answers reads and refuses writes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStandby } from '@errand/db/testing';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { aRun, eventsOf } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { json } from '../fixtures/stub.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld } from './checks.ts';
import { aRouter } from './router.ts';
import { aPostgres, aSite, type Process, type Site } from './site.ts';

const CALLERS = 16;
const RECOVERY_MS = 30_000;
const look = { answer: (response: Parameters<typeof json>[0]) => json(response, { fine: true }) };

async function aFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'errand-e2e-standby-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A service behind a router, in front of a primary and of a standby with a recent copy of it. */
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
  observer.on('error', () => {});
  onTestFinished(() => observer.end());
  const sessionsAtStandby = async () =>
    (await observer.query(`SELECT FROM pg_stat_activity WHERE application_name LIKE 'errand%'`)).rowCount;
  return { primary, standby, router, site: { ...site, admin } satisfies Site, sessionsAtStandby };
}

type Created = { status: number; retryAfter: string | null; runId: string | undefined };

/** Callers that create and list runs, one request after another, until they are stopped. */
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

type Pair = Awaited<ReturnType<typeof aPair>> & { server: Process; load: ReturnType<typeof callers> };

const ready = async (server: Process) => (await request(server, '/readyz')).status;

/**
 * The address leads to the standby for this time, and then to the primary again. The connections to the primary are cut at the first
 * switch.
 */
async function switchAndBack({ primary, standby, router, server, load }: Pair, staleMs: number): Promise<void> {
  const takenBefore = router.takenBy(standby.port);
  router.leadTo(standby.port);
  router.cut(primary.port);
  await expect.poll(() => ready(server), { timeout: 5000, interval: 20 }).toBe(503);
  const refusedFrom = load.created.length + CALLERS;
  const looks: number[] = [];
  for (const end = performance.now() + staleMs; performance.now() < end; await sleep(200)) {
    looks.push(await ready(server));
  }
  expect(new Set(looks)).toEqual(new Set([503]));
  const refused = load.created.slice(refusedFrom).map(({ status, retryAfter }) => `${status} ${retryAfter}`);
  expect(new Set(refused)).toEqual(new Set(['503 1']));
  const taken = router.takenBy(standby.port) - takenBefore;
  // Two processes with two logins: each fills its pools at most once, then retries once per second.
  expect(taken).toBeLessThan(150);

  router.leadTo(primary.port);
  const from = performance.now();
  const at = load.created.length;
  const good = () =>
    load.created
      .slice(at)
      .slice(-5 * CALLERS)
      .filter(({ status }) => status === 201).length;
  await expect.poll(good, { timeout: RECOVERY_MS, interval: 50 }).toBe(5 * CALLERS);
  const late = load.created.slice(at).filter(({ status }) => status !== 201).length;
  const took = Math.round(performance.now() - from);
  console.log(
    `${5 * CALLERS} creates in a row succeeded ${took} ms after the switch back, after ${late} that were refused; ` +
      `${taken} connections were opened to the standby`,
  );
  expect(await ready(server)).toBe(200);
  await expect.poll(() => router.openTo(standby.port), { timeout: 10_000 }).toBe(0);
}

test('the address of the database leads to the read-only old primary for 10 s, and again for 3 s', async () => {
  const pair = await aPair();
  const { site, sessionsAtStandby } = pair;
  const [server] = site.http as [Process];
  await expect.poll(() => ready(server), { timeout: 60_000 }).toBe(200);
  const input = aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, ['look', 'look']) });
  const run = await site.api.runs.create({ ...input, approvalStrategy: 'ON_START' });
  const followed = eventsOf(site.api, run.runId);
  const load = callers(server, input);
  onTestFinished(() => load.stop().then(() => {}));
  await expect.poll(() => load.created.filter(({ status }) => status === 201).length).toBeGreaterThan(2 * CALLERS);

  await switchAndBack({ ...pair, server, load }, 10_000);
  expect(await sessionsAtStandby()).toBe(0);
  await switchAndBack({ ...pair, server, load }, 3000);

  await load.stop();
  // The run may not have asked before the first switch; then its activation is retried.
  const approvalId = await vi.waitFor(async () => (await site.api.pending.list({})).pending[0]!.approvalId!, {
    timeout: 60_000,
    interval: 100,
  });
  await site.api.approvals.decide({ approvalId, decision: 'approve' });
  expect((await followed).at(-1)).toMatchObject({ type: 'end' });
  const accepted = load.created.flatMap(({ runId }) => runId ?? []);
  await expectEnds(site, [...accepted, run.runId], 60_000);
  await expectNothingHeld(site);
  for (const server of [...site.http, ...site.workers]) expectAlive(server);
}, 180_000);
