import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** The id that the system gives the calling thread; undefined where the system reports none. */
export function currentThread(): string | undefined {
  try {
    return basename(readlinkSync('/proc/thread-self'));
  } catch {
    return undefined;
  }
}

/** Processor time that a thread of this process has used, in ms; undefined where the system reports none, and for a thread that has ended. */
export function processorMsOf(thread: string | undefined): number | undefined {
  if (thread === undefined) return undefined;
  try {
    const ms = Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
    return Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}
