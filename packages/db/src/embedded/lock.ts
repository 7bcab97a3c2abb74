import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExplainedError } from '@errand/basics/explained-error';
import { processExists } from './postmaster.ts';

/** Maximum wait for a competing start to withdraw, in ms. */
const MAX_WAIT_MS = 500;
const LOCK_FILE = /^server\.(\d+)\.(\d+)\.lock$/;

/**
 * Claims a data directory for this process, because two servers must not share one embedded database and its keys. Each process
 * writes a file with its name and then looks for files of other living processes. So at most one process claims the directory,
 * and the file of a living process is never removed. `scripts/claim.mjs` does the same before the build.
 * @returns a function that releases the directory
 * @throws ExplainedError if a living process claimed it
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const ownFile = fileOf(process.pid, await startTimeOf(process.pid));
  const path = join(dataDir, ownFile);
  const alreadyRunsError = (pid: number) =>
    new ExplainedError(`Errand already runs from ${dataDir} (process ${pid}). Stop it, or set ERRAND_DATA_DIR.`);
  for (const end = Date.now() + MAX_WAIT_MS; ; await sleep(10 + Math.random() * 40)) {
    await writeFile(path, '', { flag: 'wx', mode: 0o600 }).catch((error) => {
      throw error.code === 'EEXIST' ? alreadyRunsError(process.pid) : error;
    });
    const [holder] = await livingOthers(dataDir, ownFile);
    if (holder === undefined) return () => rm(path, { force: true });
    await rm(path, { force: true });
    if (Date.now() > end) throw alreadyRunsError(holder);
  }
}

/** Returns the living processes with a file, and removes files of dead ones. */
async function livingOthers(dataDir: string, ownFile: string): Promise<number[]> {
  const living: number[] = [];
  for (const file of await readdir(dataDir)) {
    const [, pid, startTime] = LOCK_FILE.exec(file) ?? [];
    if (pid === undefined || file === ownFile) continue;
    if (processExists(Number(pid)) && (await startTimeOf(Number(pid))) === startTime) living.push(Number(pid));
    else await rm(join(dataDir, file), { force: true });
  }
  return living;
}

const fileOf = (pid: number, began: string) => `server.${pid}.${began}.lock`;

/** The start time of a process, or 0 if the system does not provide it. It distinguishes reused process ids. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): field 22 is the start time; the command in field 2 may contain spaces and parentheses
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}
