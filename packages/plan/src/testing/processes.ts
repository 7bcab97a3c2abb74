import { readdirSync, readFileSync } from 'node:fs';

/** The child processes of a process, by files that only Linux has. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && statOf(pid)?.parent === parent);
}

/** Processor time of a process in ms, in steps of ten; undefined when it is gone. */
export const processorMs = (pid: number): number | undefined => statOf(pid)?.processorMs;

/** Processor time of the children of this process that have ended, in ms. */
export const endedChildrenMs = (): number => {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)!.split(' ');
  return 10 * (Number(fields[13]) + Number(fields[14]));
};

/** Whether a process runs. A zombie does not. */
export const isAlive = (pid: number): boolean => statOf(pid) !== undefined;

function statOf(pid: number): { parent: number; processorMs: number } | undefined {
  try {
    const [state, parent, ...rest] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
    if (state === 'Z') return undefined;
    return { parent: Number(parent), processorMs: 10 * (Number(rest[9]) + Number(rest[10])) };
  } catch {
    return undefined;
  }
}
