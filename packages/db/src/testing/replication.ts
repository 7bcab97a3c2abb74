import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { prepareBinaries } from '../embedded/binaries.ts';
import { allowLogins, openCluster, prepareDataFolder } from '../embedded/cluster.ts';
import { SUPERUSER } from '../embedded/logins.ts';
import { postgresAccount } from '../embedded/postgres-account.ts';
import type { EmbeddedOptions } from '../embedded/start.ts';
import { startWithAdministrator } from './administrator.ts';

const run = promisify(execFile);

/** Folders that a copy contains without their files. Postgres fills them at its start. */
const EMPTIED = 'pg_wal pg_dynshmem pg_notify pg_replslot pg_serial pg_snapshots pg_stat_tmp pg_subtrans'.split(' ');
const OMITTED = ['postmaster.pid', 'postmaster.opts', ...EMPTIED];

/** Like `startWithAdministrator`, and standbys may connect as the administrator. */
export async function startReplicating(options: EmbeddedOptions): ReturnType<typeof startWithAdministrator> {
  const account = postgresAccount();
  const home = prepareDataFolder(options.dir, account);
  const { data } = await openCluster(home, prepareBinaries(account), account, options.settings?.fsync !== 'off');
  allowLogins(data);
  // Not the file in the data folder, which each start overwrites.
  const hba = join(home, 'pg_hba.conf');
  const replication = `host replication ${SUPERUSER} 127.0.0.1/32 scram-sha-256\n`;
  await writeFile(hba, (await readFile(join(data, 'pg_hba.conf'), 'utf8')) + replication);
  return startWithAdministrator({ ...options, settings: { ...options.settings, hba_file: hba } });
}

/**
 * Copies a running server without pg_basebackup, which the embedded Postgres lacks. An older copy in `dir` is removed.
 * @param adminUrl the URL of the administrator of the running server
 */
export async function copyRunning(adminUrl: string, dir: string): Promise<void> {
  const account = postgresAccount();
  const home = prepareDataFolder(dir, account);
  const cluster = join(home, 'cluster');
  await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster);
  // Not the database of the service, where tests terminate sessions.
  const connectionString = Object.assign(new URL(adminUrl), { pathname: '/postgres' }).href;
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    const start = `SELECT current_setting('data_directory') AS data FROM pg_backup_start('copy', true)`;
    const { data } = (await client.query<{ data: string }>(start)).rows[0]!;
    await copyFiles(data, join(cluster, 'data'));
    const stop = 'SELECT labelfile AS label FROM pg_backup_stop(false)';
    const { label } = (await client.query<{ label: string }>(stop)).rows[0]!;
    await writeFile(join(cluster, 'data', 'backup_label'), label);
    await run('cp', ['-a', join(dirname(data), 'passwords'), cluster]);
    await run('cp', ['-a', join(dirname(dirname(data)), 'administrator'), home]);
    if ('uid' in account) {
      await chown(cluster, account.uid, account.gid);
      await run('chown', ['-R', `${account.uid}:${account.gid}`, join(cluster, 'data')]);
    }
  } finally {
    await client.end().catch(() => {});
  }
}

async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const names = (await readdir(from)).filter((name) => !OMITTED.includes(name));
  const args = ['-a', '-t', to, '--', ...names.map((name) => join(from, name))];
  await run('cp', args, { env: { PATH: process.env.PATH, LC_ALL: 'C' } }).catch((error: { stderr?: string }) => {
    // Postgres removes files of dropped and rewritten tables meanwhile. The WAL of the backup repeats those removals.
    const lines = (error.stderr ?? '').trim().split('\n');
    if (!lines.every((line) => line.endsWith('No such file or directory'))) throw error;
  });
  for (const name of EMPTIED) await mkdir(join(to, name), { mode: 0o700 });
}

/** Makes the stopped server of a folder a standby. @param primaryUrl the URL of the administrator of its primary */
export async function followPrimary(dir: string, primaryUrl: string): Promise<void> {
  const { username, password, hostname, port } = new URL(primaryUrl);
  const data = join(prepareDataFolder(dir, postgresAccount()), 'cluster', 'data');
  const target = `host=${hostname} port=${port} user=${username} password=${password} application_name=copy`;
  await appendFile(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${target}'\n`);
  await writeFile(join(data, 'standby.signal'), '');
}
