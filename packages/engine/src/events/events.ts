import { type Awaitable, chain } from '@errand/basics/awaitable';
import { type EventList, isTerminal, MAX_SEQ, problem } from '@errand/contracts';
import {
  type EventLimit,
  type EventPage,
  type EventRow,
  type RunForResponse,
  type RunScope,
  readEvents,
  readEventsBackwards,
  readHead,
  readRunForResponse,
} from '@errand/db';
import { AnswerText } from './answer-text.ts';
import { LOG_PAGE } from './channel.ts';
import { eventTexts, type RenderedEvent, render } from './event-json.ts';
import type { StreamItem } from './follower.ts';
import type { Hub } from './hub.ts';
import type { AddLinks } from './links.ts';

/** Events that one statement reads. */
const PAGE_SIZE = 200;

/** The `end` event of a run whose events were removed by age, with its original number. */
export const toEndEvent = (row: RunForResponse): EventRow => ({
  seq: row.seq,
  type: 'end',
  data: `{"runStatus":"${row.status}"${row.result === null ? '' : `,"result":${row.result}`}${row.error === null ? '' : `,"error":${row.error}`}${row.summary === null ? '' : `,"summary":${JSON.stringify(row.summary)}`}}`,
  toolCalls: null,
  createdAt: row.endedAt ?? row.updatedAt,
});

/** Events for an answer. `bytesLeft`: free bytes. `isTruncated`: whether there are more events than fit or were requested. */
export type CollectedEvents = { rendered: RenderedEvent[]; bytesLeft: number; isTruncated: boolean };

type EventsQuery = {
  runId: string;
  after: number;
  /** Only events before this one. */
  before?: number | undefined;
  /** `asc` by default. */
  order?: 'asc' | 'desc' | undefined;
  limit: number;
  includeToolCalls: boolean;
};

/** Reads events of a run in their order while they fit. @param atLeastOne returns the first event even if it does not fit */
export async function collectEvents(
  scope: RunScope,
  { atLeastOne = false, ...query }: EventsQuery & { atLeastOne?: boolean },
  maxBytes: number,
  link: AddLinks,
): Promise<CollectedEvents> {
  const { runId, after, before = MAX_SEQ, order = 'asc', includeToolCalls } = query;
  const rendered: RenderedEvent[] = [];
  let bytesLeft = maxBytes;
  const readPage = (last: number, page: EventLimit) =>
    order === 'asc'
      ? readEvents(scope, runId, last, page)
      : readEventsBackwards(scope, runId, { after, before: last }, page);
  // Numbers have no gaps.
  const limit = Math.min(query.limit, before - after - 1);
  for (let last = order === 'asc' ? after : before; ; ) {
    const size = Math.min(PAGE_SIZE, limit - rendered.length);
    if (size <= 0) return { rendered, bytesLeft, isTruncated: false };
    const page = { limit: size, bytes: Math.max(bytesLeft, 0) };
    const { rows, hasMore } = await readPage(last, page);
    for (const row of rows) {
      const event = render(runId, row, { withCalls: includeToolCalls, link });
      if (event.bytes + 1 > bytesLeft && !(atLeastOne && rendered.length === 0))
        return { rendered, bytesLeft, isTruncated: true };
      bytesLeft -= event.bytes + 1;
      rendered.push(event);
      last = row.seq;
    }
    if (!hasMore || rows.length === 0) return { rendered, bytesLeft, isTruncated: false };
  }
}

export const withCommas = (texts: readonly string[]): string[] => texts.map((text, i) => (i === 0 ? text : `,${text}`));

/** A page of events as JSON text: at least one, then as many as fit. */
export async function listEvents(
  scope: RunScope,
  page: EventsQuery,
  maxBytes: number,
  link: AddLinks,
): Promise<AnswerText<EventList>> {
  const open = '{"events":[';
  const maxInnerBytes = maxBytes - open.length - '],"eventsTruncated":true}'.length;
  let collected = await collectEvents(scope, { ...page, atLeastOne: true }, maxInnerBytes, link);
  if (collected.rendered.length === 0 && (await hasEndedBetween(scope, page))) {
    // The run may have ended between the two reads.
    collected = await collectEvents(scope, { ...page, atLeastOne: true }, maxInnerBytes, link);
    if (collected.rendered.length === 0) {
      const end = render(page.runId, await readEndEvent(scope, page.runId), { withCalls: false, link });
      collected = { rendered: [end], bytesLeft: 0, isTruncated: false };
    }
  }
  const texts = await eventTexts(scope, collected.rendered, new Map([[page.runId, collected.bytesLeft]]));
  return new AnswerText([open, ...withCommas(texts), collected.isTruncated ? '],"eventsTruncated":true}' : ']}']);
}

/** Whether a run has ended with an event between `after` and `before`. @throws ProblemError not_found */
async function hasEndedBetween(scope: RunScope, { runId, after, before = MAX_SEQ }: EventsQuery): Promise<boolean> {
  const head = await readHead(scope, runId);
  if (!head) throw runNotFound();
  return isTerminal(head.status) && after < head.seq && head.seq < before;
}

async function readEndEvent(scope: RunScope, runId: string): Promise<EventRow> {
  const row = await readRunForResponse(scope, runId, { maxBytes: 2 ** 31 - 1, requests: 0 });
  if (!row) throw runNotFound();
  return toEndEvent(row);
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
  link: AddLinks,
): Promise<SentEvents | null> {
  const { runId, after, includeToolCalls, progress = false, signal } = query;
  const channel = hub.channelOf(scope, runId);
  const follower = channel.join(progress);
  try {
    const run = { workspaceId: scope.workspaceId, runId };
    const firstPage = await channel.readFirst(follower, after, () => hub.recentPage(run, after));
    if (!firstPage) throw runNotFound();
    const { head } = firstPage;
    if (after > head.seq) {
      throw problem('invalid_event_id', `The run has ${head.seq} events so far; resume after one of them.`);
    }
    if (!isTerminal(head.status) || after < head.seq) {
      const gone = isTerminal(head.status) && firstPage.rows.length === 0;
      const first = gone ? await readEndedRun(scope, runId, after) : firstPage;
      if (progress && !isTerminal(head.status)) hub.requestProgress(runId);
      return toSentEvents(channel.follow(after, signal, follower, first), includeToolCalls, link);
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
  const written = await readEvents(scope, runId, after, LOG_PAGE);
  if (written.rows.length > 0) return written;
  return { rows: [await readEndEvent(scope, runId)], hasMore: false };
}

// A generator would keep sent events in memory, see `Following`.
function toSentEvents(items: AsyncIterableIterator<StreamItem, void>, withCalls: boolean, link: AddLinks): SentEvents {
  const toSent = (result: IteratorResult<StreamItem, void>): Awaitable<IteratorResult<SentEvent, void>> => {
    if (result.done) return result;
    const { seq, type, isTransient } = result.value;
    return chain(result.value.text(withCalls), (text) => {
      const data = link(type, text);
      return { done: false, value: { id: String(seq), event: type, data, ...(isTransient && { isTransient }) } };
    });
  };
  const finished = { done: true, value: undefined } as const;
  return {
    next: () => items.next().then(toSent),
    return: async () => {
      await items.return?.();
      return finished;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export const runNotFound = () => problem('not_found', 'There is no such run.');
