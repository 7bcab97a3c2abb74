import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { account } from '../embedded/account.ts';
import { binaries } from '../embedded/binaries.ts';
import { cluster, home } from '../embedded/cluster.ts';
import { asSuperuser, type Logins, loginsAt, type Passwords, SUPERUSER } from '../embedded/logins.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../embedded/start.ts';

const parts = ({ owner, service, tenant }: Passwords) => [owner, service, tenant].join('.');

/**
 * The embedded Postgres as the service has it, with a superuser who may log in beside its logins: tests make databases with it,
 * look into all tables and do harm. Its password holds those of the logins, so `loginsOf` finds them in any of its URLs.
 */
export async function startWithAdministrator(options: EmbeddedOptions): Promise<Embedded & { adminUrl: string }> {
  const who = account();
  const bin = binaries(who);
  const {
    home: place,
    data,
    passwords,
  } = await cluster(home(options.dir, who), bin, who, options.settings?.fsync !== 'off');
  // Once: after a kill there is no moment at which nothing runs on the data for sure.
  const done = join(place, 'administrator');
  if (!existsSync(done)) {
    asSuperuser(data, bin, who, [`ALTER ROLE ${SUPERUSER} PASSWORD '${parts(passwords)}'`]);
    writeFileSync(done, '');
  }
  const server = await startEmbedded(options);
  const adminUrl = Object.assign(new URL(server.url), { username: SUPERUSER, password: parts(passwords) }).href;
  return { ...server, adminUrl };
}

/** How the service logs in at a database that the administrator's URL names. A URL of anybody else stands for itself. */
export function loginsOf(adminUrl: string): Pick<Logins, 'url'> & Partial<Logins> {
  const at = new URL(adminUrl);
  const [owner, service, tenant] = at.password.split('.');
  if (at.username !== SUPERUSER || !owner || !service || !tenant) return { url: adminUrl };
  const logins = loginsAt(Number(at.port), { owner, service, tenant }, at.pathname.slice(1));
  const like = (url: string) => Object.assign(new URL(url), { search: at.search }).href;
  return { url: like(logins.url), tenantUrl: like(logins.tenantUrl), ownerUrl: like(logins.ownerUrl) };
}
