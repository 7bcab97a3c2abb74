// The kernel's figures of a process. Systems without /proc do not have them.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100;

/** Processor time of a process so far, user and system, in µs (to 10 ms). */
export function cpuUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND) * 1e6;
}

/** Processor time of a process and its children, including ended ones, in µs. Postgres has a child for each connection. */
export function familyCpuUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const ended = ((Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND) * 1e6;
  return cpuUs(pid) + ended + children.reduce((sum, child) => sum + cpuUs(child), 0);
}

/** Processor time of the threads and child processes of a process so far, in µs, to less than 1 µs. Ended ones do not count. */
export function exactFamilyCpuUs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
  const children = threads.flatMap((id) =>
    readFileSync(`/proc/${pid}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return times.reduce((sum, ns) => sum + ns / 1000, 0) + children.reduce((sum, id) => sum + exactFamilyCpuUs(id), 0);
}

/** System calls that read and wrote, of a process so far: files, sockets and pipes. */
export function ioCalls(pid: number): number {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  return [...text.matchAll(/^sysc[rw]: (\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Resident memory of a process, in bytes. */
export function rssBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

/** How many files, and thus sockets, this process may open. */
export function openFilesLimit(): number {
  const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return Number(match?.[1] ?? 1024);
}
