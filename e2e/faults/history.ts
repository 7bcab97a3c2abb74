import { createWriteStream, type WriteStream } from 'node:fs';

/** `invoke`: a client sent a request; `ok`: it was answered; `fail`: it was rejected (4xx); `info`: the outcome is unknown. */
export type Moment = 'invoke' | 'ok' | 'fail' | 'info';

export type Entry = {
  at: number;
  moment: Moment;
  operation: 'create' | 'rerun' | 'cancel' | 'resolve' | 'decide' | 'answer' | 'input' | 'connect';
  /** Id of the subject: the idempotency key, run, effect, approval, question, request of a service or user. */
  subject: string;
  /** The URL of the process, for a new run. */
  url?: string;
  status?: number;
  body?: string;
  /** The choice that the client requested, if any. */
  choice?: string;
};

/** An event as a follower received it. */
export type Received = { seq: number; type: string; data: string };

/** One follower of one run, over all its connections. */
export type Capture = {
  runId: string;
  transport: 'sse' | 'trpc';
  events: Received[];
  connections: number;
  /** Whether the follower received the end, or a 204: no more events follow. */
  complete: boolean;
};

/** All observations of clients, in memory for the checks and in a file for people. */
export class History {
  readonly entries: Entry[] = [];
  readonly captures: Capture[] = [];
  readonly #file: WriteStream;

  constructor(readonly path: string) {
    this.#file = createWriteStream(path);
  }

  add(entry: Omit<Entry, 'at'>): void {
    const whole = { at: Date.now(), ...entry };
    this.entries.push(whole);
    this.note('client', whole);
  }

  /** For people; no check reads it. */
  note(kind: string, entry: object): void {
    this.#file.write(`${JSON.stringify({ kind, at: Date.now(), ...entry })}\n`);
  }

  follow(runId: string, transport: Capture['transport']): Capture {
    const capture: Capture = { runId, transport, events: [], connections: 0, complete: false };
    this.captures.push(capture);
    return capture;
  }

  async close(): Promise<void> {
    for (const capture of this.captures) this.note('capture', capture);
    await new Promise((done) => this.#file.end(() => done(undefined)));
  }
}
