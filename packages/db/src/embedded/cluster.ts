import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
  const place = reaches(who, asked) ? asked : elsewhere(asked);
  if ('uid' in who) chownSync(place, who.uid, who.gid);
  if (process.platform !== 'win32') chmodSync(place, 0o700);
  return place;
}

/** A folder that `dir/location` names, so that who removes `dir` starts afresh. */
function elsewhere(dir: string) {
  const note = join(dir, 'location');
  if (!existsSync(note)) {
    mkdirSync('/var/lib/errand', { recursive: true });
    const made = mkdtempSync('/var/lib/errand/postgres-');
    try {
      writeFileSync(note, `${made}\n`, { flag: 'wx' });
    } catch {
      rmdirSync(made); // another process was faster
    }
  }
  const place = readFileSync(note, 'utf8').trim();
  mkdirSync(place, { recursive: true });
  return place;
}

/** Opens the cluster in `place`, making it first where there is none: whole or not at all, whatever kills us. */
export async function cluster(place: string, bin: Binaries, who: Account): Promise<Cluster> {
  const final = join(place, 'cluster');
  await othersDone(place);
  if (!existsSync(final)) {
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

/** Waits while others make the cluster (it takes a second or so of a whole core), and clears what a killed process
 *  left half made. Two may still begin at the same moment: the rename decides. */
async function othersDone(place: string) {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    const making = readdirSync(place).flatMap((name) => {
      const pid = /^cluster-(\d+)-/.exec(name)?.[1];
      return pid ? [{ path: join(place, name), alive: exists(Number(pid)) }] : [];
    });
    for (const { path, alive } of making) if (!alive) rmSync(path, { recursive: true, force: true });
    if (!making.some(({ alive }) => alive)) return;
  }
}
