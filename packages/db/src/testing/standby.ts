import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { prepareDataFolder } from '../embedded/cluster.ts';
import { postgresAccount } from '../embedded/postgres-account.ts';
import { migrate } from '../migrate/migrate.ts';
import { startWithAdministrator } from './administrator.ts';

type Settings = Readonly<Record<string, string>>;
type Server = Awaited<ReturnType<typeof startWithAdministrator>>;

/**
 * Starts a standby: a copy of a stopped server that stays in recovery. Without `primary_conninfo` it receives nothing from any primary.
 * @param from the folder of the stopped server
 * @param dir the folder for the copy
 */
export function startStandby(from: string, dir: string, settings: Settings = {}): Promise<Server> {
  const who = postgresAccount();
  const copy = prepareDataFolder(dir, who);
  execFileSync('cp', ['-a', `${prepareDataFolder(from, who)}/.`, copy]);
  writeFileSync(join(copy, 'cluster', 'data', 'standby.signal'), '');
  return startWithAdministrator({ dir, settings });
}

export type TestPair = {
  primary: Server;
  standby: Server;
  /** URLs of both, in this order. */
  urls: Pick<Server, 'url' | 'tenantUrl' | 'ownerUrl'>;
  /** Starts the former primary again after a kill, as a primary. */
  restartPrimary: () => Promise<Server>;
  stop: () => Promise<void>;
};

/** Executes a statement as the administrator of a server. */
export async function asAdmin({ adminUrl }: Server, statement: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The name of the standby in `synchronous_standby_names`. */
export const STANDBY_NAME = 'errand_standby';

const DURABILITY = { fsync: 'off' };

/** A primary with a migrated database, and a standby that streams from it. @param settings of the primary */
export async function startTestPair(settings: Settings = {}): Promise<TestPair> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-pair-'));
  await chmod(folder, 0o711); // the account of Postgres may enter it
  const [dir, hba_file] = [join(folder, 'primary'), join(folder, 'hba.conf')];
  await writeFile(hba_file, ['all', 'replication'].map((to) => `host ${to} all 127.0.0.1/32 scram-sha-256\n`).join(''));
  const { port, adminUrl, ...first } = await startWithAdministrator({ dir, settings: DURABILITY });
  await migrate(first.ownerUrl);
  await first.stop();
  const { username, password } = new URL(adminUrl);
  const standby = await startStandby(dir, join(folder, 'standby'), {
    ...DURABILITY,
    primary_conninfo: `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=${STANDBY_NAME}`,
    wal_retrieve_retry_interval: '100ms',
  });
  const start = () => startWithAdministrator({ dir, port, settings: { ...DURABILITY, hba_file, ...settings } });
  const primary = await start();
  const both = (url: string) => url.replace(`:${port}/`, `:${port},127.0.0.1:${standby.port}/`);
  return {
    primary,
    standby,
    urls: { url: both(first.url), tenantUrl: both(first.tenantUrl), ownerUrl: both(first.ownerUrl) },
    restartPrimary: start,
    stop: async () => {
      // A test may have killed one of them.
      await Promise.all([primary, standby].map((server) => server.stop().catch(() => {})));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
