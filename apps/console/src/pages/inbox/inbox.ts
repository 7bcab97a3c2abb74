// The open requests of the list, with the later frames of the stream.
import { type Closing, type Entry, entryIdOf } from '../../decide/entry.ts';
import type { PendingFrame } from '../../live/demand.ts';
import type { Kind } from './search.ts';

export type Page = { entries: readonly Entry[]; nextCursor: string | undefined; readAt: number };
/** added: with the time of its frame. gone: the newest closings. */
export type Heard = {
  added: ReadonlyMap<string, { entry: Entry; at: number }>;
  gone: ReadonlyMap<string, Closing>;
};
export type Filter = { kind?: Kind | undefined; q?: string | undefined };

export const NOTHING_HEARD: Heard = { added: new Map(), gone: new Map() };
const MAX_GONE = 500;

/** What is known after these frames. @param now the time in milliseconds */
export function hear(heard: Heard, frames: readonly PendingFrame[], now: number): Heard {
  const added = new Map(heard.added);
  const gone = new Map(heard.gone);
  for (const frame of frames) {
    if (frame.type === 'snapshot') added.clear();
    else if (frame.type === 'added') added.set(entryIdOf(frame.entry), { entry: frame.entry, at: now });
    else {
      added.delete(entryIdOf(frame));
      gone.set(entryIdOf(frame), closingOf(frame, now));
    }
  }
  return { added, gone: new Map([...gone].slice(-MAX_GONE)) };
}

const closingOf = ({ why, decision, decidedBy }: Extract<PendingFrame, { type: 'gone' }>, now: number): Closing => ({
  why,
  decision,
  by: decidedBy,
  at: new Date(now).toISOString(),
});

/**
 * The open requests, the first to expire first.
 * @param opened stays in the list when it is decided, until the person moves on
 */
export function openEntries(page: Page, heard: Heard, filter: Filter, opened: string | undefined): Entry[] {
  const entries = new Map(page.entries.map((entry) => [entryIdOf(entry), entry]));
  for (const [id, { entry, at }] of heard.added) {
    // A request that was read about since, and is not there, is closed, or on a later page.
    const mayBeOpen = at >= page.readAt || page.nextCursor !== undefined;
    if (!entries.has(id) && mayBeOpen && matches(entry, filter)) entries.set(id, entry);
  }
  return [...entries].flatMap(([id, entry]) => (heard.gone.has(id) && id !== opened ? [] : [entry])).sort(byExpiry);
}

/** As the service filters. */
function matches(entry: Entry, { kind, q }: Filter): boolean {
  if (kind !== undefined && entry.kind !== kind) return false;
  if (q === undefined) return true;
  return `${entry.text}\n${entry.intent}`.toLowerCase().includes(q.toLowerCase());
}

const NEVER = '9';

function byExpiry(a: Entry, b: Entry): number {
  const [first, second] = [a, b].map((entry) => `${entry.expiresAt ?? NEVER} ${entryIdOf(entry)}`) as [string, string];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The entry to open after this one: the next, or else the one before. */
export function neighbour(ids: readonly string[], id: string | undefined, step: 1 | -1): string | undefined {
  const at = id === undefined ? -1 : ids.indexOf(id);
  if (at < 0) return ids[0];
  return ids[at + step] ?? (step === 1 ? ids[at - 1] : undefined);
}

/** The calls that can be decided together: the calls of the tool of the first selected one. */
export function selectableWith(entries: readonly Entry[], selected: ReadonlySet<string>): (entry: Entry) => boolean {
  const tool = entries.find((entry) => selected.has(entryIdOf(entry)))?.tool;
  return (entry) => entry.kind === 'call' && entry.mayDecide && (tool === undefined || entry.tool === tool);
}
