// The operating system's information about processes.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @param {number} pid */
export function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** When a process began, or 0 if the system does not report it. Process ids are reused after a crash. @param {number} pid */
export const beganAt = (pid) => statOf(pid)[19] ?? '0';

/** Its parent's id, or 0 if the system does not report it. @param {number} pid */
export const parentOf = (pid) => Number(statOf(pid)[1] ?? 0);

/** Whether our process group is in the foreground of its terminal. */
export function isInFront() {
  const [, , group, , , front] = statOf('self');
  if (group !== undefined) return group === front;
  const [ours, itsFront] = ps('pgid=,tpgid=', process.pid).split(/\s+/);
  return itsFront !== undefined && ours === itsFront;
}

/** Its command line; empty for an ended process and a zombie. @param {number} pid */
export const commandOf = (pid) => read(pid, 'cmdline')?.replaceAll('\0', ' ') ?? ps('command=', pid);

/** The fields of proc(5) from the third one on; the second may contain spaces and parentheses. @param {number | 'self'} pid */
function statOf(pid) {
  const stat = read(pid, 'stat') ?? '';
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** @param {number | 'self'} pid @param {string} name */
function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} fields @param {number} pid */
function ps(fields, pid) {
  return spawnSync('ps', ['-o', fields, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
}
