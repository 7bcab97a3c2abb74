import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareBinaries } from '../embedded/binaries.ts';
import { openCluster, prepareDataFolder } from '../embedded/cluster.ts';
import { type Logins, loginsAt, type Passwords, runAsSuperuser, SUPERUSER } from '../embedded/logins.ts';
import { postgresAccount } from '../embedded/postgres-account.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from '../embedded/start.ts';

const parts = ({ owner, service, tenant }: Passwords) => [owner, service, tenant].join('.');

/**
 * The embedded Postgres of the service, plus a superuser login: tests create databases with it, read all tables and cause damage.
 * Its password contains the passwords of the logins, so `loginsOf` derives them from its URLs.
 */
export async function startWithAdministrator(
  options: EmbeddedOptions,
): Promise<EmbeddedPostgres & { adminUrl: string }> {
  const who = postgresAccount();
  const bin = prepareBinaries(who);
  const {
    home: place,
    data,
    passwords,
  } = await openCluster(prepareDataFolder(options.dir, who), bin, who, options.settings?.fsync !== 'off');
  // Only once: after a kill, no moment is safe for single-user mode.
  const done = join(place, 'administrator');
  if (!existsSync(done)) {
    runAsSuperuser(data, bin, who, [`ALTER ROLE ${SUPERUSER} PASSWORD '${parts(passwords)}'`]);
    writeFileSync(done, '');
  }
  const server = await startEmbedded(options);
  const adminUrl = Object.assign(new URL(server.url), { username: SUPERUSER, password: parts(passwords) }).href;
  return { ...server, adminUrl };
}

/** The logins of the service for a database that the administrator's URL names. Other URLs are returned unchanged. */
export function loginsOf(adminUrl: string): Pick<Logins, 'url'> & Partial<Logins> {
  const at = new URL(adminUrl);
  const [owner, service, tenant] = at.password.split('.');
  if (at.username !== SUPERUSER || !owner || !service || !tenant) return { url: adminUrl };
  const logins = loginsAt(Number(at.port), { owner, service, tenant }, at.pathname.slice(1));
  const like = (url: string) => Object.assign(new URL(url), { search: at.search }).href;
  return { url: like(logins.url), tenantUrl: like(logins.tenantUrl), ownerUrl: like(logins.ownerUrl) };
}
