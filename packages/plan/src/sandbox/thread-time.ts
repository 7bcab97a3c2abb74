import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** On a busy machine a job may take this many times its time by the clock. */
export const BUSY_FACTOR = 5;

/** The id by which the system knows the thread that calls; undefined where it is not told. */
export function ownThread(): string | undefined {
  try {
    return basename(readlinkSync('/proc/thread-self'));
  } catch {
    return undefined;
  }
}

/** Processor time that a thread of this process has had, in ms; undefined where it is not told. */
export function processorMsOf(thread: string | undefined): number | undefined {
  if (thread === undefined) return undefined;
  try {
    return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}
