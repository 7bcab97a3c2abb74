// Claims of a folder by one process at a time, with the file format of packages/db/src/embedded/lock.ts: `name.pid.begin.lock`.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beganAt, lives } from './processes.mjs';

/**
 * How long the claim of another process may last before it counts as taken, in ms. Two processes that claim at once both step back at
 * first.
 */
const CONTEND_MS = 500;

/**
 * Claims a folder under a name. A process writes its own lock file, and has the claim if it then finds no file of another living process.
 * So at most one of two concurrent processes gets it, and files of dead processes are safe to remove.
 * @param {string} folder
 * @param {string} name
 * @returns a function that releases the claim, or nothing if another process has it
 */
export async function claim(folder, name) {
  makeFolder(folder);
  const claimPath = join(folder, `${name}.${process.pid}.${beganAt(process.pid)}.lock`);
  for (const start = Date.now(); Date.now() - start < CONTEND_MS; await sleep(10 + Math.random() * 40)) {
    writeFileSync(claimPath, '', { flag: 'wx', mode: 0o600 });
    if (!holders(folder, name).some((pid) => pid !== process.pid)) return () => rmSync(claimPath, { force: true });
    rmSync(claimPath, { force: true });
  }
  return undefined;
}

/** The living processes that claim a folder under a name. Removes files of dead ones. @param {string} folder @param {string} name */
export function holders(folder, name) {
  return readdirSync(folder).flatMap((file) => {
    const [, whose, pid, began] = /^(\w+)\.(\d+)\.(\d+)\.lock$/.exec(file) ?? [];
    if (whose !== name) return [];
    if (lives(Number(pid)) && beganAt(Number(pid)) === began) return [Number(pid)];
    rmSync(join(folder, file), { force: true });
    return [];
  });
}

/**
 * Like `mkdirSync` with `recursive`, which in Node never returns in a folder that allows no new entries, such as /proc. @param {string}
 * path
 */
function makeFolder(path) {
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, 0o700);
  }
}
