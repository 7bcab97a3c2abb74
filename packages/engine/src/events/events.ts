import { type EventList, isTerminal, problem } from '@errand/contracts';
import {
  type CallText,
  type EventPage,
  type EventRow,
  type RenderedRun,
  type RunScope,
  readCallTexts,
  readEvents,
  readHead,
  readRenderedRun,
} from '@errand/db';
import { AnswerText } from './answer-text.ts';
import { pageOf } from './channel.ts';
import type { StreamItem } from './follower.ts';
import { eventText, type RenderedEvent, refsOf, render } from './frame.ts';
import type { Hub } from './hub.ts';
import type { Link } from './links.ts';

/** Events that one statement reads. */
const PAGE_SIZE = 200;

/** The `end` event of a run whose events were removed by age, with its original number. */
export const endEventOf = (row: RenderedRun): EventRow => ({
  seq: row.seq,
  type: 'end',
  data: `{"runStatus":"${row.status}"${row.result === null ? '' : `,"result":${row.result}`}${row.error === null ? '' : `,"error":${row.error}`}${row.summary === null ? '' : `,"summary":${JSON.stringify(row.summary)}`}}`,
  toolCalls: null,
  createdAt: row.endedAt ?? row.updatedAt,
});

/** Events for an answer. `bytesLeft`: free bytes. `cut`: whether there are more events than fit or were requested. */
export type Collected = { rendered: RenderedEvent[]; bytesLeft: number; cut: boolean };

type EventsQuery = { runId: string; after: number; limit: number; includeToolCalls: boolean };

/** Reads events of a run, oldest first, while they fit. @param atLeastOne returns the first event even if it does not fit */
export async function collect(
  scope: RunScope,
  { runId, after, limit, includeToolCalls, atLeastOne = false }: EventsQuery & { atLeastOne?: boolean },
  maxBytes: number,
  link: Link,
): Promise<Collected> {
  const rendered: RenderedEvent[] = [];
  let bytesLeft = maxBytes;
  for (let last = after; ; ) {
    const size = Math.min(PAGE_SIZE, limit - rendered.length);
    if (size <= 0) return { rendered, bytesLeft, cut: false };
    const { rows, more } = await readEvents(scope, runId, last, { limit: size, bytes: Math.max(bytesLeft, 0) });
    for (const row of rows) {
      const event = render(runId, row, { withCalls: includeToolCalls, link });
      if (event.bytes + 1 > bytesLeft && !(atLeastOne && rendered.length === 0))
        return { rendered, bytesLeft, cut: true };
      bytesLeft -= event.bytes + 1;
      rendered.push(event);
      last = row.seq;
    }
    if (!more || rows.length === 0) return { rendered, bytesLeft, cut: false };
  }
}

/** The JSON texts of events, with whole calls in order while they fit for each run, then references. */
export async function textsOf(
  scope: RunScope,
  events: readonly RenderedEvent[],
  bytesByRun: ReadonlyMap<string, number>,
): Promise<string[]> {
  let at = 0;
  const calls: CallText[] = await readCallTexts(scope, refsOf(events), bytesByRun);
  return events.map((event) => eventText(event, () => calls[at++]));
}

export const inArray = (texts: readonly string[]): string[] => texts.map((text, i) => (i === 0 ? text : `,${text}`));

export async function listEvents(
  scope: RunScope,
  page: EventsQuery,
  maxBytes: number,
  link: Link,
): Promise<AnswerText<EventList>> {
  const open = '{"events":[';
  const inside = maxBytes - open.length - '],"eventsTruncated":true}'.length;
  let collected = await collect(scope, { ...page, atLeastOne: true }, inside, link);
  if (collected.rendered.length === 0 && (await isOver(scope, page))) {
    // The run may have ended between the two reads.
    collected = await collect(scope, { ...page, atLeastOne: true }, inside, link);
    if (collected.rendered.length === 0)
      collected = { rendered: [await lastEvent(scope, page.runId, link)], bytesLeft: 0, cut: false };
  }
  const texts = await textsOf(scope, collected.rendered, new Map([[page.runId, collected.bytesLeft]]));
  return new AnswerText([open, ...inArray(texts), collected.cut ? '],"eventsTruncated":true}' : ']}']);
}

/** Whether a run has ended with an event after `after`. @throws ProblemError not_found */
async function isOver(scope: RunScope, { runId, after }: EventsQuery): Promise<boolean> {
  const head = await readHead(scope, runId);
  if (!head) throw noSuchRun();
  return isTerminal(head.status) && after < head.seq;
}

async function lastEvent(scope: RunScope, runId: string, link: Link): Promise<RenderedEvent> {
  const row = await readRenderedRun(scope, runId, { room: 2 ** 31 - 1, requests: 0 });
  if (!row) throw noSuchRun();
  return render(runId, endEventOf(row), { withCalls: false, link });
}

/** An event in the form that a stream sends. */
export type SentEvent = {
  id: string;
  event: string;
  data: string;
  /** Not an event of the log: it repeats the id of the previous event. */
  isTransient?: true;
};
/** `return` ends the stream at once, even while it waits for an event. */
export type SentEvents = AsyncIterableIterator<SentEvent, void>;

/**
 * The events of a run after `after`, past then live.
 * @returns null when the run has ended and has no event after `after`
 * @throws ProblemError not_found; invalid_event_id when `after` exceeds the newest event
 */
export async function streamEvents(
  scope: RunScope,
  hub: Hub,
  query: Omit<EventsQuery, 'limit'> & { progress?: boolean; signal: AbortSignal },
  link: Link,
): Promise<SentEvents | null> {
  const { runId, after, includeToolCalls, progress = false, signal } = query;
  const channel = hub.channelOf(scope, runId);
  const follower = channel.join(progress);
  try {
    const recentPage = hub.recent.read({ workspaceId: scope.workspaceId, runId }, after);
    const firstPage = await channel.first(follower, after, recentPage);
    if (!firstPage) throw noSuchRun();
    const { head } = firstPage;
    if (after > head.seq) {
      throw problem('invalid_event_id', `The run has ${head.seq} events so far; resume after one of them.`);
    }
    if (!isTerminal(head.status) || after < head.seq) {
      const gone = isTerminal(head.status) && firstPage.rows.length === 0;
      const first = gone ? await readEndedRun(scope, runId, after) : firstPage;
      if (progress && !isTerminal(head.status)) hub.wantProgress(runId);
      return send(channel.follow(after, signal, follower, first), includeToolCalls, link);
    }
  } catch (error) {
    channel.leave(follower);
    throw error;
  }
  channel.leave(follower);
  return null;
}

/** Events of an ended run; only its `end` if they were removed by age. */
async function readEndedRun(scope: RunScope, runId: string, after: number): Promise<EventPage> {
  // The run may have ended between two reads.
  const written = await readEvents(scope, runId, after, pageOf);
  if (written.rows.length > 0) return written;
  const row = await readRenderedRun(scope, runId, { room: 2 ** 31 - 1, requests: 0 });
  if (!row) throw noSuchRun();
  return { rows: [endEventOf(row)], more: false };
}

// A generator would keep sent events in memory, see `Following`.
function send(frames: AsyncIterableIterator<StreamItem, void>, includeToolCalls: boolean, link: Link): SentEvents {
  const toSent = async (result: IteratorResult<StreamItem, void>): Promise<IteratorResult<SentEvent, void>> => {
    if (result.done) return result;
    const { value } = result;
    const { seq, type, isTransient } = value;
    const data = link(type, await value.text(includeToolCalls));
    return { done: false, value: { id: String(seq), event: type, data, ...(isTransient && { isTransient }) } };
  };
  const finished = { done: true, value: undefined } as const;
  return {
    next: () => frames.next().then(toSent),
    return: async () => {
      await frames.return?.();
      return finished;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export const noSuchRun = () => problem('not_found', 'There is no such run.');
