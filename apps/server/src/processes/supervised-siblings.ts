import type { SiblingHandlers, Siblings } from '@errand/ports/siblings';
import type { Frame, ToProcess, ToSupervisor } from './messages.ts';
import { MAX_WAITING } from './relay.ts';

/** Lines are collected until this time after the previous message, in ms: each message costs the processor time of three processes. */
const BUSY_WINDOW_MS = 10;

/** The siblings of a process, which the supervisor reaches. */
export class SupervisedSiblings implements Siblings {
  readonly #ids = new Set<number>();
  #isLeader = false;
  #handlers: SiblingHandlers | undefined;
  #outbox = new Map<number, string[]>();
  /** UTF-16 units in the outbox, and in messages that have not left this process. */
  #queued = 0;
  #inFlight = 0;
  #hasLost = false;
  #isScheduled = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly machineId: string,
    /** Sends a message to the supervisor. `onSent`: called when it has left this process. */
    private readonly sendToSupervisor: (message: ToSupervisor, onSent?: () => void) => void,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  ids(): readonly number[] {
    return [...this.#ids];
  }

  isLeader(): boolean {
    return this.#isLeader;
  }

  listen(handlers: SiblingHandlers): void {
    this.#handlers = handlers;
  }

  send(to: number, line: string): void {
    if (!this.#ids.has(to)) return;
    if (this.#queued + this.#inFlight + line.length > this.maxWaiting) {
      this.#hasLost = true;
      return;
    }
    this.#queued += line.length;
    const lines = this.#outbox.get(to);
    if (lines) lines.push(line);
    else this.#outbox.set(to, [line]);
    this.#schedule();
  }

  /** Takes a message of the supervisor. */
  receive(message: ToProcess): void {
    switch (message.kind) {
      case 'leader':
        this.#isLeader = message.isLeader;
        break;
      case 'joined':
        this.#ids.add(message.id);
        this.#handlers?.onJoined(message.id);
        break;
      case 'gone':
        this.#ids.delete(message.id);
        this.#outbox.delete(message.id);
        this.#handlers?.onGone(message.id);
        break;
      case 'lines':
        this.#handlers?.onLines(message.from, message.text.split('\n'));
        break;
      case 'lost':
        this.#handlers?.onLost(message.from);
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const ms = this.#sentAt + BUSY_WINDOW_MS - performance.now();
    if (ms > 0) setTimeout(() => this.#flush(), ms).unref();
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    this.#sentAt = performance.now();
    const frames = [...this.#outbox].map(([to, lines]): Frame => [to, lines.join('\n')]);
    this.#outbox = new Map();
    const length = this.#queued;
    this.#queued = 0;
    this.#inFlight += length;
    this.sendToSupervisor({ kind: 'frames', frames }, () => {
      this.#inFlight -= length;
      if (this.#inFlight > 0 || !this.#hasLost) return;
      this.#hasLost = false;
      this.sendToSupervisor({ kind: 'lost' });
    });
  }
}
