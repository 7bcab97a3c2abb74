import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Account, reaches } from './account.ts';
import type { Binaries } from './binaries.ts';
import { exists } from './postmaster.ts';

export const superuser = 'errand';
export type Cluster = { home: string; data: string; password: string };

/** Where the account can keep data for `dir`: there, or, when it cannot get there, under /var/lib. */
export function home(dir: string, who: Account) {
  mkdirSync(dir, { recursive: true });
  const asked = realpathSync(resolve(dir));
  let place = asked;
  if (!reaches(who, asked)) {
    place = `/var/lib/errand/${createHash('sha256').update(asked).digest('hex').slice(0, 16)}`;
    mkdirSync(place, { recursive: true });
    writeFileSync(join(asked, 'location'), `${place}\n`);
  }
  if ('uid' in who) chownSync(place, who.uid, who.gid);
  if (process.platform !== 'win32') chmodSync(place, 0o700);
  return place;
}

/** Opens the cluster in `place`, making it first where there is none: whole or not at all, whatever kills us. */
export async function cluster(place: string, bin: Binaries, who: Account): Promise<Cluster> {
  const final = join(place, 'cluster');
  if (!existsSync(final)) {
    dropUnfinished(place);
    const fresh = mkdtempSync(join(place, `cluster-${process.pid}-`));
    await init(fresh, bin, who);
    try {
      renameSync(fresh, final);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      if (!existsSync(final)) throw error; // else another process was faster
    }
  }
  return { home: place, data: join(final, 'data'), password: readFileSync(join(final, 'password'), 'utf8').trim() };
}

async function init(folder: string, bin: Binaries, who: Account) {
  const password = join(folder, 'password');
  writeFileSync(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if ('uid' in who) for (const path of [folder, password]) chownSync(path, who.uid, who.gid);
  const args = ['-D', join(folder, 'data'), '-U', superuser, '--auth=scram-sha-256', `--pwfile=${password}`];
  args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  args.push('--data-checksums', '--no-instructions');
  try {
    await promisify(execFile)(bin.initdb, args, { ...who, cwd: '/' });
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    const said = (cause as { stderr?: string }).stderr?.trim();
    throw new Error(`Postgres could not make its data folder in ${folder}: ${said || String(cause)}`, { cause });
  }
}

/** Clears what a killed process left half made. */
function dropUnfinished(place: string) {
  for (const name of readdirSync(place)) {
    const pid = /^cluster-(\d+)-/.exec(name)?.[1];
    if (pid && !exists(Number(pid))) rmSync(join(place, name), { recursive: true, force: true });
  }
}
