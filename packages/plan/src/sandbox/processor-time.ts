import { readFileSync } from 'node:fs';

/** On a busy machine a job may take this many times its time by the clock. */
export const BUSY_FACTOR = 5;

/** Processor time that the main thread of a process has used, in ms; undefined where the system does not report it. */
export function processorMsOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

/** Processor time of this process, in ms. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
