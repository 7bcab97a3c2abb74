// Postgres refuses writes, because its disk is full or it is read-only: no accepted run is lost, and work continues afterwards.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { json } from '../fixtures/stub.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld } from './checks.ts';
import { aPostgres, aSite, type Site } from './site.ts';

type Trouble = { url: string; begin: () => Promise<void>; heal: () => Promise<void>; isReady?: false };

/** Whether a small file system can be created here: root can, most containers cannot. */
const mountable = (() => {
  const dir = mkdtempSync(join(tmpdir(), 'errand-e2e-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'ignore' });
    execFileSync('umount', [dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
})();

async function smallDisk(): Promise<Trouble> {
  const dir = mkdtempSync(join(tmpdir(), 'errand-e2e-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', dir]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  const postgres = await aPostgres(join(dir, 'postgres'), { max_wal_size: '48MB', min_wal_size: '32MB' });
  const filler = join(dir, 'filler');
  return {
    url: postgres.url,
    begin: async () => {
      const { bavail, bsize } = statfsSync(dir);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 64 * 1024)));
    },
    heal: async () => {
      rmSync(filler);
      // Without space for its log Postgres exits, and its supervisor starts it again.
      await postgres.start();
    },
  };
}

/** The state that managed services set when the disk is full. */
async function readOnly(): Promise<Trouble> {
  const postgres = await aPostgres();
  const set = (value: 'on' | 'off') =>
    postgres.run(
      `SET default_transaction_read_only = off`,
      `ALTER DATABASE errand SET default_transaction_read_only = ${value}`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'errand' AND pid <> pg_backend_pid()`,
    );
  const [begin, heal] = (['on', 'off'] as const).map((value) => async () => void (await set(value)));
  return { url: postgres.url, begin: begin!, heal: heal!, isReady: false };
}

test.each<[string, () => Promise<Trouble>]>([
  ...(mountable ? [['the disk of Postgres is full', smallDisk] as [string, () => Promise<Trouble>]] : []),
  ['Postgres is read-only', readOnly],
])(
  '%s',
  async (_, makeTrouble) => {
    const trouble = await makeTrouble();
    const look = {
      answer: async (response: Parameters<typeof json>[0]) => {
        await sleep(300);
        json(response, { fine: true });
      },
    };
    const site = await aSite({ operations: { look }, databaseUrl: trouble.url, http: 1, workers: 1 });
    const [server] = site.http as [Site['http'][0]];
    const input = aRun({
      selectedCustomerIntegrationIds: [site.id],
      plan: chain(site.id, ['look', 'look', 'look', 'look']),
      context: 'x'.repeat(20_000),
    });
    const accepted: string[] = [];
    for (let i = 0; i < 8; i++) accepted.push((await site.api.runs.create(input)).runId);
    await trouble.begin();

    // First use up the free space within existing files.
    const statuses: number[] = [];
    for (let i = 0; i < 1500 && statuses.filter((status) => status === 503).length < 5; i++) {
      const { status, headers, problem, text } = await request(server, '/v1/runs', { body: input });
      statuses.push(status);
      if (status === 201) accepted.push((JSON.parse(text) as { runId: string }).runId);
      else expect([status, problem.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
    }
    expect(statuses.filter((status) => status === 503)).toHaveLength(5);
    expect((await request(server, '/healthz')).status).toBe(200);
    if (trouble.isReady === false) expect((await request(server, '/readyz')).status).toBe(503);
    await sleep(2000);
    await trouble.heal();

    await expect.poll(async () => (await request(server, '/readyz')).status, { timeout: 15_000 }).toBe(200);
    await expectEnds(site, accepted, 60_000);
    await expectNothingHeld(site, 30_000);
    for (const server of [...site.http, ...site.workers]) expectAlive(server);
  },
  180_000,
);
