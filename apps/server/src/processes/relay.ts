import type { Frame, ToProcess } from './messages.ts';

/** Maximum UTF-16 units that wait for one process. */
export const MAX_WAITING = 8 * 1024 * 1024;

/** The channel to a process. `onSent`: called when the message has left this process. */
export type ProcessChannel = { send: (message: ToProcess, onSent?: () => void) => void };

type Target = {
  channel: ProcessChannel;
  waiting: number;
  /** Siblings with dropped lines. */
  lostFrom: Set<number>;
};

/** Passes frames between the processes of one supervisor, within a bounded memory, and chooses the leader. */
export class Relay {
  readonly #targets = new Map<number, Target>();
  #leader: number | undefined;

  constructor(private readonly maxWaiting = MAX_WAITING) {}

  get leader(): number | undefined {
    return this.#leader;
  }

  /** Called when a process has started: it and the others may send to each other from now on. */
  add(id: number, channel: ProcessChannel): void {
    for (const [other, target] of this.#targets) {
      target.channel.send({ kind: 'joined', id });
      channel.send({ kind: 'joined', id: other });
    }
    this.#targets.set(id, { channel, waiting: 0, lostFrom: new Set() });
    if (this.#leader === undefined) this.#appoint(id);
  }

  /** Called when a process has ended. */
  remove(id: number): void {
    if (!this.#targets.delete(id)) return;
    for (const { channel } of this.#targets.values()) channel.send({ kind: 'gone', id });
    if (this.#leader === id) this.replaceLeader();
  }

  /** Appoints the next process, if there is another one. */
  replaceLeader(): void {
    const ids = [...this.#targets.keys()];
    const current = this.#leader;
    const next = ids.find((id) => current !== undefined && id > current) ?? ids.find((id) => id !== current);
    if (next === undefined && current !== undefined && this.#targets.has(current)) return;
    if (current !== undefined) this.#targets.get(current)?.channel.send({ kind: 'leader', isLeader: false });
    this.#leader = undefined;
    if (next !== undefined) this.#appoint(next);
  }

  pass(from: number, frames: readonly Frame[]): void {
    for (const [to, text] of frames) {
      const target = this.#targets.get(to);
      if (!target) continue;
      if (target.waiting + text.length > this.maxWaiting) {
        target.lostFrom.add(from);
        continue;
      }
      target.waiting += text.length;
      target.channel.send({ kind: 'lines', from, text }, () => this.#onSent(target, text.length));
    }
  }

  /** A process dropped lines before they came here. */
  reportLost(from: number): void {
    for (const [id, { channel }] of this.#targets) if (id !== from) channel.send({ kind: 'lost', from });
  }

  #appoint(id: number): void {
    this.#leader = id;
    this.#targets.get(id)!.channel.send({ kind: 'leader', isLeader: true });
  }

  #onSent(target: Target, length: number): void {
    target.waiting -= length;
    if (target.waiting > 0) return;
    for (const from of target.lostFrom) target.channel.send({ kind: 'lost', from });
    target.lostFrom.clear();
  }
}
