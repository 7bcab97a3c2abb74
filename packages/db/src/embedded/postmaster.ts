import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './postgres-account.ts';

/** The content of postmaster.pid: lines 1, 4, 5 and 8 are the pid, the port, the socket folder (may be empty) and the state. */
export type Postmaster = { pid: number; port: number; socketFolder: string; isReady: boolean };

export function readPostmaster(data: string): Postmaster | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const socketFolder = lines[4]?.trim() ?? '';
    const ready = ['ready', 'standby'].includes(lines[7]?.trim() ?? '');
    return { pid: Number(lines[0]), port: Number(lines[3]), socketFolder, isReady: ready };
  } catch {
    return undefined;
  }
}

/**
 * Waits until the server of a data folder is ready. Returns undefined if none runs and one can be started. A killed server leaves
 * its pid file and possibly backends, and another process may have its pid. Removes the file if that is safe.
 */
export async function waitForServer(
  data: string,
  account: Account = {},
  waitMs = 120_000,
): Promise<Postmaster | undefined> {
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(20)) {
    const server = readPostmaster(data);
    if (!server || !processExists(server.pid)) return undefined; // the next Postgres to start removes the file
    if (isPostgresOf(server.pid, data)) {
      if (server.isReady) return server;
      continue; // starting, recovering or stopping
    }
    // A zombie, or another program with this pid. The file must stay until the last backend of the old server ends; otherwise two
    // servers would write the same data.
    if (backendPids(data, account).length > 0) continue;
    rmSync(join(data, 'postmaster.pid'), { force: true });
    return undefined;
  }
  throw new Error(`the Postgres on ${data} neither becomes ready nor ends; see its log`);
}

export function processExists(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the pid is a Postgres server of this data folder, by its arguments (none for a zombie). */
export function isPostgresOf(pid: number, data: string) {
  if (process.platform === 'win32') return true; // Windows has no simple way to read a command line
  if (process.platform === 'linux') {
    const args = argumentsOf(pid);
    return isPostgres(args) && args.includes(data);
  }
  try {
    const command = execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
    return command.includes('postgres') && command.includes(data);
  } catch {
    return false;
  }
}

/** On Linux; none for an ended process. */
function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** A server, or one of its backends, which are called `postgres: …`. An emulator of another processor comes before the program. */
const isPostgres = (args: readonly string[]): boolean => args.some((arg) => /(^|\/)postgres(:|$)/.test(arg));

/**
 * All Postgres processes of this data folder, also backends of a killed server. Their working folder is the data folder. A shell may
 * have the same one, so the arguments count, too. Only on Linux.
 */
export function backendPids(data: string, account: Account = {}): number[] {
  if (process.platform !== 'linux') return [];
  const folder = realpathSync(data);
  let isHidden = false;
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder && isPostgres(argumentsOf(pid));
      } catch (error) {
        isHidden ||= (error as NodeJS.ErrnoException).code === 'EACCES';
        return false;
      }
    });
  // Root without CAP_SYS_PTRACE (default in containers) cannot read working folders of other users. The account of Postgres can
  // read those of its own processes.
  return isHidden && 'uid' in account ? backendPidsAs(folder, account) : pids;
}

function backendPidsAs(folder: string, account: Account) {
  // `sh -c` passes the folder as $0.
  const script = 'for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd")" = "$0" ] && basename "$p"; done; exit 0';
  const options = { ...account, cwd: '/', encoding: 'utf8', stdio: 'pipe' } as const;
  const output = execFileSync('/bin/sh', ['-c', script, folder], options);
  return output
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => isPostgres(argumentsOf(pid)));
}
