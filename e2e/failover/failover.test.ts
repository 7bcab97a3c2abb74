// A cluster of Patroni, etcd and HAProxy: one failover and one switchover under load. Nothing that was accepted is lost, and no write is
// sent twice. One process reaches the primary through HAProxy, the other one by a list of hosts.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { json, type Stub, startStub } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';
import { Load } from './load.ts';
import { PatroniCluster, type UrlOf } from './patroni-cluster.ts';

const CALLERS = 3;
const RECOVERY_MS = 30_000;
const LOAD_MS = 5000;
/** All runs end within this time after the last failover, on a busy machine too. */
const END_MS = 180_000;

const LOGINS = [
  'CREATE ROLE errand_app NOLOGIN',
  'CREATE ROLE errand_system NOLOGIN',
  "CREATE ROLE errand_owner LOGIN PASSWORD 'owner'",
  "CREATE ROLE errand_service LOGIN NOINHERIT PASSWORD 'service'",
  "CREATE ROLE errand_tenant LOGIN NOINHERIT PASSWORD 'tenant'",
  'GRANT errand_app, errand_system TO errand_owner',
  'GRANT errand_system TO errand_service',
  'GRANT errand_app TO errand_tenant',
  'GRANT pg_read_all_stats TO errand_system',
  'CREATE DATABASE errand OWNER errand_owner',
];

const order = {
  method: 'POST' as const,
  more: {
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { type: 'object', properties: { item: { type: 'string' } }, required: ['item'] },
        },
      },
    },
  },
  answer: (response: Parameters<typeof json>[0]) => json(response, { ordered: true }),
};

/** A process with both roles. @param urlOf the URL of a login */
async function aProcess(cluster: PatroniCluster, urlOf: UrlOf, stub: Stub): Promise<Server> {
  const env = {
    DATABASE_URL: urlOf('errand_service', 'service'),
    ERRAND_TENANT_DATABASE_URL: urlOf('errand_tenant', 'tenant'),
    ERRAND_OWNER_DATABASE_URL: urlOf('errand_owner', 'owner'),
    ERRAND_EGRESS_ALLOW: stub.origin,
  };
  const server = await startServer({ dataDir: join(cluster.folder, 'data'), env });
  onTestFinished(() => server.kill());
  return server;
}

async function aService(cluster: PatroniCluster) {
  await cluster.administer('postgres', LOGINS);
  const stub = await startStub({ order });
  onTestFinished(() => stub.close());
  mkdirSync(join(cluster.folder, 'data'), { mode: 0o700 });
  const throughProxy = await aProcess(cluster, cluster.throughProxy, stub);
  const byList = await aProcess(cluster, cluster.byList, stub);
  const { customerIntegrationId: id } = await overRest(byList).integrations.create({
    name: 'Shop',
    kind: 'openapi',
    document: stub.document,
    auth: { type: 'API_TOKEN', token: 'token' },
  });
  const inputOf = (item: string) =>
    aRun({
      selectedCustomerIntegrationIds: [id],
      approvalStrategy: 'NONE',
      plan: { goal: 'Order an item', steps: [{ id: 'order', tool: `${id}.order`, args: { body: { item } } }] },
    });
  return { stub, servers: { throughProxy, byList }, inputOf };
}

const isReady = async (server: Server): Promise<boolean> =>
  (await request(server, '/readyz').catch(() => undefined))?.status === 200;

/** @returns the longest time without an accepted run, for each load */
async function through(cluster: PatroniCluster, loads: readonly Load[], event: string, begin: () => Promise<unknown>) {
  await sleep(LOAD_MS); // the time under load
  for (const load of loads) load.longestGap();
  const before = loads.map((load) => load.acknowledged.length);
  const leader = await cluster.settled();
  await begin();
  const isOver = async () => {
    const now = await cluster.leader();
    return (
      now !== undefined && now !== leader && loads.every((load, n) => load.acknowledged.length > before[n]! + CALLERS)
    );
  };
  await expect.poll(isOver, { timeout: 120_000, interval: 100 }).toBe(true);
  await sleep(LOAD_MS);
  for (const load of loads) {
    const gap = load.longestGap();
    console.log(`${event}: ${load.name} accepted a run again after ${(gap / 1000).toFixed(1)} s`);
    expect(gap).toBeLessThan(RECOVERY_MS);
  }
}

/** How often each item was ordered. */
function countOrders(stub: Stub): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { body } of stub.hits) {
    const { item } = JSON.parse(body) as { item: string };
    counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  return counts;
}

/** Every accepted run is there and has ended, or asks a person whether its write had an effect; no item was ordered twice. */
async function expectNothingLost(cluster: PatroniCluster, loads: readonly Load[], stub: Stub): Promise<void> {
  const runs = new Map<string, string>();
  const open = async () => {
    const rows = await cluster.administer('errand', ['SELECT run_id::text AS id, status::text AS status FROM run']);
    for (const { id, status } of rows) runs.set(id, status);
    return [...runs.values()].filter((status) => !['SUCCESS', 'PAUSED'].includes(status));
  };
  await expect.poll(open, { timeout: END_MS, interval: 1000 }).toEqual([]);
  const accepted = loads.flatMap(({ acknowledged }) => acknowledged);
  expect(accepted.filter(({ runId }) => !runs.has(runId))).toEqual([]);
  const counts = countOrders(stub);
  expect(counts.size).toBeGreaterThan(accepted.length / 2);
  expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
  expect(accepted.filter(({ runId, item }) => runs.get(runId) === 'SUCCESS' && !counts.has(item))).toEqual([]);
  const paused = accepted.filter(({ runId }) => runs.get(runId) === 'PAUSED').length;
  const refused = loads.map(({ name, refusals }) => `${name} ${JSON.stringify(Object.fromEntries(refusals))}`);
  console.log(
    `${accepted.length} runs accepted, 0 lost, 0 ordered twice; ${paused} ask whether their write had an effect; ` +
      `refused, by status: ${refused.join(', ')}`,
  );
}

test('a failover and a switchover under load lose nothing and repeat no write', async () => {
  const cluster = await PatroniCluster.start();
  onTestFinished(() => cluster.end());
  await cluster.settled();
  const { stub, servers, inputOf } = await aService(cluster);
  const loads = Object.entries(servers).map(([name, server]) => new Load(name, server, inputOf, CALLERS));
  onTestFinished(() => Promise.all(loads.map((load) => load.stop())).then(() => {}));

  const lost = await cluster.settled();
  await through(cluster, loads, 'failover', async () => lost.kill());
  lost.start();
  await through(cluster, loads, 'switchover', async () => cluster.switchOver(await cluster.settled()));

  await Promise.all(loads.map((load) => load.stop()));
  for (const server of Object.values(servers)) await expect.poll(() => isReady(server)).toBe(true);
  await cluster.settled();
  await expectNothingLost(cluster, loads, stub);
}, 600_000);
