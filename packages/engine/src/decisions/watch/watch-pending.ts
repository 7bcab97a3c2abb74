import type { PendingFilter, PendingFrame } from '@errand/contracts';
import type { ClosedEntry, EntryRow, RunScope } from '@errand/db';
import type { SentEvent } from '../../events/events.ts';
import { type EntryReader, toEntry, toEntryFilter } from '../ask/entries.ts';
import { idOf, KINDS } from '../ask/pending.ts';
import type { Inbox } from './inbox.ts';
import { type InboxView, MAX_OPEN } from './inbox-view.ts';

type Wanted = { filter: PendingFilter; by: EntryReader; signal: AbortSignal };

/** Entries whose rows are read together. */
const PAGE = 20;

/**
 * What is open, then what is added and what is gone, until the signal is aborted. It reads when it is asked for the next frame, so that a
 * slow reader holds up nobody and keeps little in memory.
 */
export async function* watchPending(scope: RunScope, inbox: Inbox, wanted: Wanted): AsyncGenerator<SentEvent, void> {
  for await (const frame of framesOf(scope, inbox, wanted))
    yield { id: '0', event: frame.type, data: JSON.stringify(frame) };
}

async function* framesOf(
  scope: RunScope,
  inbox: Inbox,
  { filter, by, signal }: Wanted,
): AsyncGenerator<PendingFrame, void> {
  const { view, leave } = inbox.view(scope, toEntryFilter(filter));
  try {
    await view.after(0, signal);
    if (signal.aborted) return;
    const known = new Map<string, Pick<EntryRow, 'kind' | 'decisionRequestId' | 'runId'>>();
    const size = view.open.size;
    yield { type: 'snapshot', open: Math.min(size, MAX_OPEN), more: size > MAX_OPEN };
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const seen = view.version;
      for (const one of gone(view, known)) {
        known.delete(one.decisionRequestId);
        yield toGone(one);
      }
      const added = [...view.open].slice(0, MAX_OPEN).filter((id) => !known.has(id));
      // Later ones come in the order in which they were asked.
      if (!isFirst) added.reverse();
      for (let at = 0; at < added.length && !signal.aborted; at += PAGE) {
        for (const row of await view.rowsOf(added.slice(at, at + PAGE))) {
          const { kind, decisionRequestId, runId } = row;
          known.set(decisionRequestId, { kind, decisionRequestId, runId });
          yield { type: 'added', entry: toEntry(row, by) };
        }
      }
      await view.after(seen, signal);
    }
  } finally {
    leave();
  }
}

type Gone = Pick<EntryRow, 'kind' | 'decisionRequestId' | 'runId'> & { closed?: ClosedEntry };

/** Entries that were shown and are closed. When more are open than a stream shows, one that is merely out of sight is not. */
function gone(view: InboxView, known: ReadonlyMap<string, Gone>): Gone[] {
  return [...known.values()].flatMap((one) => {
    if (view.open.has(one.decisionRequestId)) return [];
    const closed = view.closing(one.decisionRequestId);
    if (closed) return [{ ...one, closed }];
    return view.open.size > MAX_OPEN ? [] : [one];
  });
}

function toGone({ closed, ...entry }: Gone): PendingFrame {
  const { decision, decidedBy } = closed ?? { decision: 'void', decidedBy: null };
  const why = decision === 'void' ? 'ended' : decidedBy === null ? 'expired' : 'decided';
  return {
    type: 'gone',
    kind: KINDS[entry.kind],
    ...idOf(entry),
    runId: entry.runId,
    why,
    ...(why === 'decided' && { decision: decision!, decidedBy: decidedBy! }),
  };
}
