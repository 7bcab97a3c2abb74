import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { postgresAccount } from '../embedded/postgres-account.ts';
import { backendPids, isPostgresOf, processExists, readPostmaster } from '../embedded/postmaster.ts';
import { migrate } from '../migrate/migrate.ts';
import { loginsOf, startWithAdministrator } from './administrator.ts';

export const TEMPLATE = 'errand_template';
const PREFIX = 'errand-test-';
/** Of the folders of test runs. Other folders may begin with the same words. */
const NAME = /^errand-test-(\d+)-\w{6}$/;

// The data need not survive a crash.
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

export type TestPostgres = {
  /** Of the server, as its administrator; `createTestDatabase(url)` makes databases on it. */
  url: string;
  /** Ends the server and removes all it wrote. */
  stop: () => Promise<void>;
};

/** A Postgres of its own with a migrated template database; any number of them run side by side. */
export async function startTestPostgres(): Promise<TestPostgres> {
  await removeLeftovers();
  const dir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const { adminUrl: url } = await startWithAdministrator({ dir, settings });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE} OWNER errand_owner`);
  await client.end();
  await migrate(loginsOf(Object.assign(new URL(url), { pathname: `/${TEMPLATE}` }).href).ownerUrl!);
  return { url, stop: () => destroy(dir) };
}

/** Removes folders of killed test runs: the number in the name is the pid of the creator. */
async function removeLeftovers() {
  for (const name of readdirSync(tmpdir())) {
    const [, owner] = NAME.exec(name) ?? [];
    if (owner === undefined) continue;
    const dir = join(tmpdir(), name);
    const age = Date.now() - (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (!processExists(Number(owner)) || age > 12 * 3_600_000) await destroy(dir).catch(() => {}); // maybe another user's
  }
}

/** Test data need no clean shutdown, so the fastest one is used. */
async function destroy(dir: string) {
  const data = join(dir, 'cluster', 'data');
  if (statSync(data, { throwIfNoEntry: false })) await killCluster(data);
  rmSync(dir, { recursive: true, force: true });
}

async function killCluster(data: string) {
  const who = postgresAccount();
  for (let i = 0; i < 200; i++) {
    const server = readPostmaster(data);
    const pids =
      server && isPostgresOf(server.pid, data) ? [server.pid, ...backendPids(data, who)] : backendPids(data, who);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid, i < 100 ? 'SIGQUIT' : 'SIGKILL');
    await sleep(20);
  }
}

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // ended meanwhile
  }
}
