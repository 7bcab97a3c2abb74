// The side of a `KillableChild` that runs in the child.
import { closeSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { decodeFrame, encodeFrame, type Part } from './frame.ts';

const CHANNEL = 3;
/** Most messages are smaller, and are read by one call. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Runs in a separate thread, so it also ends a process that loops in its main thread or in native code. */
const WATCHDOG = `
const { workerData: parent } = require('node:worker_threads');
const pause = new Int32Array(new SharedArrayBuffer(4));
while (process.ppid === parent) Atomics.wait(pause, 0, 0, 500);
process.kill(process.pid, 'SIGKILL');`;

/**
 * Answers the parent's messages one after another, and never returns. The process ends with its parent, ignores signals that a terminal or
 * a supervisor sends to the whole group, and writes no memory into a core file.
 * @param answer must settle without timers and sockets: the event loop runs only between two messages, and while a module is imported. The parts of a message are valid until then
 */
export function serveParent(answer: (parts: readonly Buffer[]) => Promise<readonly Part[]>): void {
  closeInherited();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  watchParent(Number(process.argv[2]));
  leaveNoCore();
  write(['ready']);
  const next = async () => {
    const parts = read();
    if (parts === undefined) return end();
    write(await answer(parts));
    // V8 does some of its work, such as collecting garbage, in turns of the event loop.
    setImmediate(next);
  };
  setImmediate(next);
}

const O_CLOEXEC = 0o2000000;

/**
 * Closes the descriptors that the parent inherited and passed on unknowingly. Node and libuv mark every descriptor they open as closed on
 * exec, and the first ones of those they inherit. Only Linux lists descriptors with their flags.
 */
function closeInherited(): void {
  const folder = '/proc/self/fdinfo';
  for (const name of listOf(folder)) {
    const fd = Number(name);
    if (fd <= CHANNEL) continue;
    try {
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`${folder}/${name}`, 'latin1'))?.[1] ?? '';
      if ((Number.parseInt(flags, 8) & O_CLOEXEC) === 0) closeSync(fd);
    } catch {
      // This descriptor listed the others.
    }
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function watchParent(parent: number): void {
  new Worker(WATCHDOG, {
    eval: true,
    workerData: parent,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
}

/** An aborted process may have hundreds of megabytes of users' data in memory. Only Linux has this file; other systems have their own limits. */
function leaveNoCore(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Not Linux, or /proc is read-only.
  }
}

function end(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('The process is being killed.');
}

/** The next message; undefined when the parent has ended. Blocks: a system call costs less than a turn of the event loop. */
function read(): Buffer[] | undefined {
  let frame = buffer;
  let received = 0;
  let size = 4;
  while (received < size) {
    const bytes = readSync(CHANNEL, frame, received, frame.length - received, null);
    if (bytes === 0) return undefined;
    const isHead = received < 4;
    received += bytes;
    if (!isHead || received < 4) continue;
    size = frame.readUInt32LE(0);
    if (size <= buffer.length) continue;
    frame = Buffer.allocUnsafeSlow(size);
    buffer.copy(frame, 0, 0, received);
  }
  return decodeFrame(frame.subarray(0, size));
}

function write(parts: readonly Part[]): void {
  const frame = encodeFrame(parts);
  try {
    for (let at = 0; at < frame.length; ) at += writeSync(CHANNEL, frame, at);
  } catch {
    end();
  }
}
