// The open requests of a user.
import type { PendingEntry, PendingFrame } from '@errand/contracts';
import { QUIET } from './connection.ts';
import { follow, OPENED, type StreamContext, type StreamOptions } from './follow.ts';

/** A stream shows at most so many entries. */
const MAX_ENTRIES = 1000;
/** An entry that closes while the stream starts never arrives. So the list is complete after this time without a frame. */
const QUIET_MS = 3000;

type EntryIds = Pick<PendingEntry, 'kind' | 'approvalId' | 'effectId' | 'consentId' | 'requestId' | 'runId'>;

/** The key of an entry: the id of its request. */
const entryKey = ({ kind, approvalId, effectId, consentId, requestId, runId }: EntryIds): string =>
  `${kind} ${approvalId ?? effectId ?? consentId ?? requestId ?? runId}`;

export type PendingChange = {
  entries: readonly PendingEntry[];
  /** The closed request; absent if the list starts or grows. */
  gone?: Extract<PendingFrame, { type: 'gone' }>;
};

/** The whole list at the start and after each change. After a reconnect, only if the list differs. */
export async function* watchPending(
  context: StreamContext,
  url: string,
  options: StreamOptions,
): AsyncGenerator<PendingChange, void, void> {
  const list = new PendingList();
  const quietMs = () => (list.isComplete ? undefined : QUIET_MS);
  const frames = follow(context, { ...options, url, lastEventId: () => undefined, quietMs });
  for await (const frame of frames) {
    if (frame === OPENED) continue;
    const change = frame === QUIET ? list.complete() : list.apply(frame as PendingFrame);
    if (change) yield change;
  }
}

class PendingList {
  #entries = new Map<string, PendingEntry>();
  /** The number of entries with which the stream starts. */
  #open = 0;
  /** The last list that was given out, as text without its contents. */
  #shown: string | undefined;
  isComplete = false;

  apply(frame: PendingFrame): PendingChange | undefined {
    switch (frame.type) {
      case 'snapshot':
        this.#entries = new Map();
        this.#open = Math.min(frame.open, MAX_ENTRIES);
        this.isComplete = false;
        return this.#open === 0 ? this.complete() : undefined;
      case 'added':
        return this.#add(frame.entry);
      case 'gone':
        return this.#remove(frame);
    }
  }

  #add(entry: PendingEntry): PendingChange | undefined {
    const key = entryKey(entry);
    if (this.isComplete) {
      // Newest first, as at the start.
      this.#entries = new Map([[key, entry], ...this.#entries].slice(0, MAX_ENTRIES) as [string, PendingEntry][]);
      return this.#change();
    }
    this.#entries.set(key, entry);
    return this.#entries.size >= this.#open ? this.complete() : undefined;
  }

  #remove(gone: Extract<PendingFrame, { type: 'gone' }>): PendingChange | undefined {
    this.#entries.delete(entryKey(gone));
    return this.isComplete ? { ...this.#change(), gone } : undefined;
  }

  /** The start of the list has arrived. */
  complete(): PendingChange | undefined {
    if (this.isComplete) return undefined;
    this.isComplete = true;
    const keys = this.#keys();
    return keys === this.#shown ? undefined : this.#change();
  }

  #change(): PendingChange {
    this.#shown = this.#keys();
    return { entries: [...this.#entries.values()] };
  }

  #keys = () => [...this.#entries.keys()].sort().join('\n');
}
