import { createWriteStream, type WriteStream } from 'node:fs';

/** What a client did: `invoke` it sent a request, `ok` it was answered, `fail` it was refused (4xx), `info` the outcome is unknown. */
export type Moment = 'invoke' | 'ok' | 'fail' | 'info';

export type Entry = {
  at: number;
  moment: Moment;
  /** What was asked. */
  operation: 'create' | 'cancel' | 'resolve' | 'decide' | 'answer' | 'input' | 'connect';
  /** The idempotency key, the run, the effect, the approval, the question, the request of a service or the user it was about. */
  subject: string;
  status?: number;
  body?: string;
  /** The wanted decision, where there is a choice. */
  wanted?: string;
};

/** An event as a follower received it. */
export type Received = { seq: number; type: string; data: string };

/** One follower of one run, over all its connections. */
export type Capture = {
  runId: string;
  over: 'sse' | 'trpc';
  events: Received[];
  connections: number;
  /** Whether the follower received the end, or a 204: no more events follow. */
  complete: boolean;
};

/** Everything that clients observed, in memory for the checks and in a file for people. */
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

  /** Not read by any check. */
  note(kind: string, entry: object): void {
    this.#file.write(`${JSON.stringify({ kind, at: Date.now(), ...entry })}\n`);
  }

  follow(runId: string, over: Capture['over']): Capture {
    const capture: Capture = { runId, over, events: [], connections: 0, complete: false };
    this.captures.push(capture);
    return capture;
  }

  async close(): Promise<void> {
    for (const capture of this.captures) this.note('capture', capture);
    await new Promise((done) => this.#file.end(() => done(undefined)));
  }
}
