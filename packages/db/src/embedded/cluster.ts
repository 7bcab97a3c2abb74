import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ExplainedError } from '@errand/basics/explained-error';
import type { Binaries } from './binaries.ts';
import { makePasswords, type Passwords, runAsSuperuser, SUPERUSER, setUpStatements } from './logins.ts';
import { type Account, canEnterParents } from './postgres-account.ts';
import { processExists } from './postmaster.ts';

export type Cluster = { home: string; data: string; passwords: Passwords };

/** Returns the data folder: `dir`, or a folder under /var/lib if the account cannot access `dir`. */
export function prepareDataFolder(dir: string, account: Account, enterableParent?: string) {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const realDir = fs.realpathSync(resolve(dir));
  if (enterableParent) allowGroupToEnter(fs.realpathSync(resolve(enterableParent)), account);
  const isRelocated = fs.existsSync(join(realDir, 'location'));
  const folder = !isRelocated && canEnterParents(account, realDir) ? realDir : relocatedFolder(realDir);
  if ('uid' in account) fs.chownSync(folder, account.uid, account.gid);
  if (process.platform !== 'win32') fs.chmodSync(folder, 0o700);
  return folder;
}

/** Lets the account's group enter a folder of this user, but not list or read it. */
function allowGroupToEnter(folder: string, account: Account) {
  if (!('uid' in account) || canEnterParents(account, join(folder, 'any')) || !canEnterParents(account, folder)) return;
  fs.chownSync(folder, fs.statSync(folder).uid, account.gid);
  fs.chmodSync(folder, 0o710);
}

/** The folder that `dir/location` names; created again if `dir` was removed. */
function relocatedFolder(dir: string) {
  const locationFile = join(dir, 'location');
  if (!fs.existsSync(locationFile)) {
    fs.mkdirSync('/var/lib/errand', { recursive: true });
    const fresh = fs.mkdtempSync('/var/lib/errand/postgres-');
    try {
      fs.writeFileSync(locationFile, `${fresh}\n`, { flag: 'wx', mode: 0o600 });
    } catch {
      fs.rmdirSync(fresh); // another process was faster
    }
  }
  const folder = fs.readFileSync(locationFile, 'utf8').trim();
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** Opens the cluster in `folder`, or creates it atomically. @param durable whether a new cluster must survive a crash of the machine */
export async function openCluster(
  folder: string,
  binaries: Binaries,
  account: Account,
  durable = true,
): Promise<Cluster> {
  const clusterFolder = join(folder, 'cluster');
  await waitForOtherCreators(folder);
  if (!fs.existsSync(clusterFolder)) {
    const fresh = fs.mkdtempSync(join(folder, `cluster-${process.pid}-`));
    await initCluster(fresh, binaries, account, durable);
    try {
      fs.renameSync(fresh, clusterFolder);
    } catch (error) {
      fs.rmSync(fresh, { recursive: true, force: true });
      if (!fs.existsSync(clusterFolder)) throw error; // otherwise another process was faster
    }
  }
  return { home: folder, data: join(clusterFolder, 'data'), passwords: readPasswords(clusterFolder) };
}

/** @throws ExplainedError if an older version created the cluster, or the file is missing or damaged */
function readPasswords(clusterFolder: string): Passwords {
  const path = join(clusterFolder, 'passwords');
  const remedy = `move the folder ${clusterFolder} away and start again: Errand then creates a new, empty database.`;
  try {
    const passwords = JSON.parse(fs.readFileSync(path, 'utf8')) as Passwords;
    for (const login of ['owner', 'service', 'tenant'] as const)
      if (typeof passwords[login] !== 'string') throw new TypeError(`The password of ${login} is missing.`);
    return passwords;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT';
    if (code !== undefined && !isMissing && code !== 'EISDIR') throw cause;
    const text =
      isMissing && fs.existsSync(join(clusterFolder, 'password'))
        ? `The database in ${clusterFolder} was created by an older version of Errand, and this version cannot open it. To use its data, start that version; or ${remedy}`
        : `The file ${path} is ${isMissing ? 'missing' : 'damaged'}. It contains the passwords of the database: restore it from a backup; or ${remedy}`;
    throw new ExplainedError(text, { cause });
  }
}

// The superuser has no password, so it cannot log in.
const HBA = 'local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n';

/** Accepts password logins over the Unix socket and loopback. */
export const allowLogins = (data: string): void => fs.writeFileSync(join(data, 'pg_hba.conf'), HBA);

async function initCluster(folder: string, binaries: Binaries, account: Account, durable: boolean) {
  if ('uid' in account) fs.chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const args = ['-D', data, '-U', SUPERUSER, '--auth=reject', '--data-checksums', '--no-instructions', '--no-sync'];
  args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const run = (args: string[]) => promisify(execFile)(binaries.initdb, args, { ...account, cwd: '/' });
  try {
    await run(args);
    const passwords = makePasswords();
    runAsSuperuser(data, binaries, account, setUpStatements(passwords));
    fs.writeFileSync(join(folder, 'passwords'), `${JSON.stringify(passwords)}\n`, { mode: 0o600 });
    if (durable) await run(['-D', data, '--sync-only']);
  } catch (cause) {
    fs.rmSync(folder, { recursive: true, force: true });
    const stderr = (cause as { stderr?: string }).stderr?.trim();
    throw new Error(`Postgres could not create its data folder in ${folder}: ${stderr || String(cause)}`, { cause });
  }
}

/** Waits for processes that create the cluster, and removes leftovers of killed ones. The rename decides between creators. */
async function waitForOtherCreators(folder: string) {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    const unfinished = fs.readdirSync(folder).flatMap((name) => {
      const pid = /^cluster-(\d+)-/.exec(name)?.[1];
      return pid ? [{ path: join(folder, name), alive: processExists(Number(pid)) }] : [];
    });
    for (const { path, alive } of unfinished) if (!alive) fs.rmSync(path, { recursive: true, force: true });
    if (!unfinished.some(({ alive }) => alive)) return;
  }
}
