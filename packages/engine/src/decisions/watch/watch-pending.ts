import type { PendingEntry, PendingFilter, PendingFrame } from '@errand/contracts';
import type { ClosedEntry, EntryRow, RunScope } from '@errand/db';
import type { SentEvent } from '../../events/events.ts';
import {
  type BoundedFilter,
  checkedReader,
  type EntryReader,
  isUserToken,
  toEntry,
  toEntryFilter,
  toHead,
} from '../ask/pending-entries.ts';
import { API_KINDS, idField } from '../ask/waiting-on.ts';
import { type InboxView, type InboxViews, MAX_OPEN } from './inbox-view.ts';

type Subscription = { filter: PendingFilter & BoundedFilter; heads: boolean; by: EntryReader; signal: AbortSignal };

const PAGE_SIZE = 20;

/**
 * Streams the open entries, then additions and removals, until the signal is aborted. It reads only when the next frame is requested, so
 * a slow reader delays no other reader and needs little memory.
 */
export async function* watchPending(
  scope: RunScope,
  inbox: InboxViews,
  subscription: Subscription,
): AsyncGenerator<SentEvent, void> {
  for await (const frame of framesOf(scope, inbox, subscription))
    yield { id: '0', event: frame.type, data: JSON.stringify(frame) };
}

async function* framesOf(
  scope: RunScope,
  inbox: InboxViews,
  { filter, heads, by, signal }: Subscription,
): AsyncGenerator<PendingFrame, void> {
  const toShown = heads ? toHead : (entry: PendingEntry) => entry;
  const { view, leave } = inbox.open(scope, toEntryFilter(filter), heads);
  try {
    await view.waitForChange(0, signal);
    if (signal.aborted) return;
    const sentEntries = new Map<string, Pick<EntryRow, 'kind' | 'decisionRequestId' | 'runId'>>();
    const size = view.open.size;
    yield { type: 'snapshot', open: Math.min(size, MAX_OPEN), more: size > MAX_OPEN };
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const version = view.version;
      for (const entry of closedEntries(view, sentEntries)) {
        sentEntries.delete(entry.decisionRequestId);
        yield toGoneFrame(entry, by);
      }
      const added = [...view.open].slice(0, MAX_OPEN).filter((id) => !sentEntries.has(id));
      // Later entries come in the order of their requests.
      if (!isFirst) added.reverse();
      for (let at = 0; at < added.length && !signal.aborted; at += PAGE_SIZE) {
        const rows = await view.readRows(added.slice(at, at + PAGE_SIZE));
        const reader = await checkedReader(scope, rows, by);
        for (const row of rows) {
          const { kind, decisionRequestId, runId } = row;
          sentEntries.set(decisionRequestId, { kind, decisionRequestId, runId });
          yield { type: 'added', entry: toShown(toEntry(row, reader)) };
        }
      }
      await view.waitForChange(version, signal);
    }
  } finally {
    leave();
  }
}

type SentEntry = Pick<EntryRow, 'kind' | 'decisionRequestId' | 'runId'> & { closed?: ClosedEntry };

/** Shown entries that are closed. With more open entries than a stream shows, an entry may be merely out of range. */
function closedEntries(view: InboxView, sentEntries: ReadonlyMap<string, SentEntry>): SentEntry[] {
  return [...sentEntries.values()].flatMap((entry) => {
    if (view.open.has(entry.decisionRequestId)) return [];
    const closed = view.closedEntry(entry.decisionRequestId);
    if (closed) return [{ ...entry, closed }];
    return view.open.size > MAX_OPEN ? [] : [entry];
  });
}

function toGoneFrame({ closed, ...entry }: SentEntry, { reader }: EntryReader): PendingFrame {
  const { decision, decidedBy } = closed ?? { decision: 'void', decidedBy: null };
  const why = decision === 'void' ? 'ended' : decidedBy === null ? 'expired' : 'decided';
  return {
    type: 'gone',
    kind: API_KINDS[entry.kind],
    ...idField(entry),
    runId: entry.runId,
    why,
    ...(why === 'decided' && { decision: decision!, ...(!isUserToken(reader) && { decidedBy: decidedBy! }) }),
  };
}
