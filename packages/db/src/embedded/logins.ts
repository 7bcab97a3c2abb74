import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Binaries } from './binaries.ts';
import type { Account } from './postgres-account.ts';

/** The superuser of the cluster. It has no password and cannot log in. */
export const SUPERUSER = 'postgres';
const DATABASE = 'errand';

/** Random passwords: the owner migrates, the service runs the application, the tenant login executes statements of tenants. */
export type Passwords = { owner: string; service: string; tenant: string };
export type Logins = { url: string; tenantUrl: string; ownerUrl: string };

export const makePasswords = (): Passwords => ({ owner: randomText(), service: randomText(), tenant: randomText() });
const randomText = () => randomBytes(24).toString('base64url');

export function loginsAt(port: number, { owner, service, tenant }: Passwords, database: string = DATABASE): Logins {
  const urlOf = (login: string, password: string) => `postgres://${login}:${password}@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf('errand_service', service),
    tenantUrl: urlOf('errand_tenant', tenant),
    ownerUrl: urlOf('errand_owner', owner),
  };
}

/** The URLs over the Unix socket, which is faster than TCP. @param folder the folder of the socket */
export function overSocket(logins: Logins, folder: string): Logins {
  const atSocket = (url: string) => `${url}?host=${encodeURIComponent(folder)}`;
  return { url: atSocket(logins.url), tenantUrl: atSocket(logins.tenantUrl), ownerUrl: atSocket(logins.ownerUrl) };
}

/** Statements that set up a new cluster. The logins of the service and of tenants inherit no rights: they need SET ROLE. */
export const setUpStatements = ({ owner, service, tenant }: Passwords): string[] => [
  'CREATE ROLE errand_app NOLOGIN',
  'CREATE ROLE errand_system NOLOGIN',
  `CREATE ROLE errand_owner LOGIN PASSWORD '${owner}'`,
  `CREATE ROLE errand_service LOGIN NOINHERIT PASSWORD '${service}'`,
  `CREATE ROLE errand_tenant LOGIN NOINHERIT PASSWORD '${tenant}'`,
  'GRANT errand_app, errand_system TO errand_owner',
  // `system.status` shows the size of the database and the oldest snapshot.
  'GRANT pg_read_all_stats TO errand_system',
  'GRANT errand_system TO errand_service',
  'GRANT errand_app TO errand_tenant',
  `CREATE DATABASE ${DATABASE} OWNER errand_owner`,
  `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`,
  `GRANT CONNECT ON DATABASE ${DATABASE} TO errand_service, errand_tenant`,
];

/** Executes statements as superuser in single-user mode, which needs no password. @throws Error with the message of Postgres */
export function runAsSuperuser(
  data: string,
  binaries: Binaries,
  account: Account,
  statements: readonly string[],
): void {
  // The creation of the cluster syncs at the end.
  const args = ['--single', '-j', '-D', data, '-c', 'io_method=sync', '-c', 'fsync=off', '-c', 'log_checkpoints=off'];
  const input = statements.map((text) => `${text};\n\n`).join('');
  const options = { ...account, cwd: '/', input, env: { LC_ALL: 'C' } };
  const result = spawnSync(binaries.postgres, [...args, 'postgres'], options);
  const stderr = String(result.stderr);
  if (result.status !== 0 || /\b(ERROR|FATAL|PANIC):/.test(stderr)) {
    throw new Error(`Postgres could not set up its logins: ${stderr.trim() || result.error}`);
  }
}
