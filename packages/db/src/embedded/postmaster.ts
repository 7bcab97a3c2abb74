import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What postmaster.pid says: lines 1, 4 and 8 are the pid, the port and the state. */
export type Postmaster = { pid: number; port: number; ready: boolean };

export function readPostmaster(data: string): Postmaster | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** The server that runs on these data, once it is ready; undefined when there is none and one may be started.
 *  A SIGKILLed server leaves its pid file, maybe its backends, and a pid that another process may have by now. */
export async function running(data: string, waitMs = 120_000): Promise<Postmaster | undefined> {
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(20)) {
    const found = readPostmaster(data);
    if (!found || !exists(found.pid)) return undefined; // a file without a process: Postgres itself clears it away
    if (isOurs(found.pid, data)) {
      if (found.ready) return found;
      continue; // starting, recovering or stopping
    }
    // A zombie, or another program with the pid: Postgres would take it for a server. Its file may go, but only
    // when the last backend of the old server is gone, else two servers would write the same data.
    if (backends(data).length > 0) continue;
    rmSync(join(data, 'postmaster.pid'), { force: true });
    return undefined;
  }
  throw new Error(`the Postgres on ${data} neither gets ready nor ends; look into its log`);
}

export function exists(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A server and its backends have the data as their working folder; a zombie has none. */
export function isOurs(pid: number, data: string) {
  if (existsSync('/proc/self/cwd')) return workingFolder(pid) === realpathSync(data);
  if (process.platform === 'win32') return true;
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).includes(data);
  } catch {
    return false;
  }
}

/** Processes of any server on these data (Linux alone can tell). */
export function backends(data: string): number[] {
  if (!existsSync('/proc/self/cwd')) return [];
  const folder = realpathSync(data);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => workingFolder(pid) === folder);
}

function workingFolder(pid: number) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
