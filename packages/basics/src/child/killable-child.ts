import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FrameReader } from './frame.ts';

/** The descriptor of the channel in the child. */
export const CHANNEL = 3;

export type ChildOptions = {
  /** Limit of the child's heap, in MiB. */
  heapMb: number;
  /** Limit of its stack, in MiB; must be less than the system's limit, which is mostly 8. */
  stackMb: number;
  /** Largest message that is accepted from the child, in bytes. A child that sends more is killed. */
  maxBytes: number;
};

export type ChildListeners = {
  /** Called for each message. An exception kills the child. */
  onMessage: (parts: readonly Buffer[]) => void;
  /** Called once, when the process has ended or could not start. */
  onEnd: (end: ChildEnd) => void;
};

/** How a child ended. `fault`: it did not start, or it sent an invalid message. */
export type ChildEnd = { code: number | null; signal: NodeJS.Signals | null; fault?: Error };

type Channel = Duplex & { ref(): void; unref(): void };

/**
 * A process that runs untrusted work and can be killed at any moment; the child runs `serveParent`. It gets no environment, no flags of
 * this process, and no descriptor but the channel. It does not keep this process alive, except between `ref` and `unref`.
 */
export class KillableChild {
  readonly #process: ChildProcess;
  readonly #channel: Channel | null;
  readonly #listeners: ChildListeners;
  #fault: Error | undefined;
  #hasEnded = false;
  readonly #ended: Promise<void>;

  constructor(entry: URL, { heapMb, stackMb, maxBytes }: ChildOptions, listeners: ChildListeners) {
    this.#listeners = listeners;
    const flags = [`--max-old-space-size=${heapMb}`, `--stack-size=${stackMb * 1024}`, '--no-warnings'];
    this.#process = spawn(process.execPath, [...flags, fileURLToPath(entry), String(process.pid)], {
      env: {},
      cwd: '/',
      // Ignores V8's output on abort: the exit status has the reason.
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    this.#channel = (this.#process.stdio?.[CHANNEL] ?? null) as Channel | null;
    const reader = new FrameReader(maxBytes);
    // A write to an ended child fails; `exit` reports the end.
    this.#channel?.on('error', () => {});
    this.#channel?.on('data', (chunk: Buffer) => this.#receive(reader, chunk));
    this.#ended = new Promise((resolve) => {
      const end = (how: ChildEnd) => {
        this.#end(how);
        resolve();
      };
      this.#process.once('exit', (code, signal) => end({ code, signal }));
      // Without a pid it never started, so there will be no `exit`.
      this.#process.on('error', (fault) => this.pid === undefined && end({ code: null, signal: null, fault }));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(frame: Buffer): void {
    this.#channel?.write(frame);
  }

  ref(): void {
    this.#process.ref();
    this.#channel?.ref();
  }

  unref(): void {
    this.#process.unref();
    this.#channel?.unref();
  }

  /** Resolves when the process has ended. */
  async kill(): Promise<void> {
    if (!this.#hasEnded) this.#process.ref();
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #receive(reader: FrameReader, chunk: Buffer): void {
    if (this.#hasEnded || this.#fault) return;
    try {
      const parts = reader.push(chunk);
      if (parts) this.#listeners.onMessage(parts);
    } catch (error) {
      this.#fault = error as Error;
      void this.kill();
    }
  }

  #end(how: ChildEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#channel?.destroy();
    this.#listeners.onEnd(this.#fault ? { ...how, fault: this.#fault } : how);
  }
}
