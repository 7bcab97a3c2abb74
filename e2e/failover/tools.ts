import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Tools = { etcd: string; patroni: string; haproxy: string; postgres: string };

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/sbin'];
const VERSIONS = '/usr/lib/postgresql';

const find = (name: string): string | undefined => FOLDERS.map((folder) => join(folder, name)).find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder with the programs of the newest Postgres of Debian. */
function findPostgres(): string | undefined {
  try {
    const folders = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
    return folders.map((version) => join(VERSIONS, version, 'bin')).find((bin) => isExecutable(join(bin, 'postgres')));
  } catch {
    return undefined;
  }
}

/** Debian's Patroni comes without the client of etcd. */
function canUseEtcd(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import patroni.dcs.etcd3'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The programs of a cluster with failover. @throws Error that names the packages to install */
export function findTools(): Tools {
  const tools = { etcd: find('etcd'), patroni: find('patroni'), haproxy: find('haproxy'), postgres: findPostgres() };
  const packages = { etcd: 'etcd-server', patroni: 'patroni', haproxy: 'haproxy', postgres: 'postgresql' };
  const missing = Object.entries(packages).flatMap(([name, debian]) => (tools[name as keyof Tools] ? [] : debian));
  if (!canUseEtcd()) missing.push('python3-etcd');
  if (missing.length === 0) return tools as Tools;
  throw new Error(
    `pnpm test:failover needs programs of Debian. Run: apt-get install --no-install-recommends ${missing.join(' ')}`,
  );
}
