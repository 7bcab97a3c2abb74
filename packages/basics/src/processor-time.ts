import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** The id that the system gives the calling thread; undefined where the system reports none. */
export function currentThreadId(): string | undefined {
  try {
    return basename(readlinkSync('/proc/thread-self'));
  } catch {
    return undefined;
  }
}

/** Processor time that a thread of this process has used, in ms; undefined where the system reports none, and for a thread that has ended. */
export const processorMsOf = (thread: string | undefined): number | undefined =>
  thread === undefined ? undefined : scheduledMs(`/proc/self/task/${thread}/schedstat`);

/** Processor time that the main thread of a process has used, in ms; undefined where the system reports none. */
export const processorMsOfMainThread = (pid: number): number | undefined => scheduledMs(`/proc/${pid}/schedstat`);

function scheduledMs(file: string): number | undefined {
  try {
    const ms = Number(readFileSync(file, 'latin1').split(' ')[0]) / 1e6;
    return Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}
