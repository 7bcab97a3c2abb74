import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import { isTerminal, type ListRunsInput, problem, type RunList } from '@errand/contracts';
import {
  countRuns,
  type ListPosition,
  listRuns,
  type ReadRequesters,
  type RunFilter,
  type RunForResponse,
  type RunScope,
  readNewestEvents,
} from '@errand/db';
import { LRUCache } from 'lru-cache';
import { AnswerText } from '../events/answer-text.ts';
import { eventTexts, type RenderedEvent, render } from '../events/event-json.ts';
import { toEndEvent } from '../events/events.ts';
import type { AddLinks } from '../events/links.ts';
import { identitiesOf, peopleOf } from '../model/people-of-run.ts';
import { invalid } from '../model/validate.ts';
import { draftRun, MAX_DECISION_REQUESTS } from './run-draft.ts';

/** Newest events of a run that a list shows. */
const EVENTS_IN_LIST = 100;
const ID_BYTES = 16;
/** Bytes of a list without its runs. */
const ENVELOPE_BYTES = 512;
/** A count that took longer, in ms, is reused for COUNT_FOR_MS; faster counts are repeated for each list. */
const SLOW_COUNT_MS = 20;
const COUNT_FOR_MS = 10_000;

/** The query of a list. `onlyIntegrations`: for user tokens. */
export type ListedRuns = ListRunsInput & Pick<RunFilter, 'onlyIntegrations'>;
/** What the reader of a list sees of events and requesters. */
type ListView = { link: AddLinks; requesters: ReadRequesters };

/** Lists runs page by page. */
export class RunLister {
  readonly #counts = new LRUCache<string, number>({ max: 1000, ttl: COUNT_FOR_MS });

  /** @param keys of at least 32 bytes: the first one signs, all are accepted. A cursor is valid only for its workspace, filter and sort. */
  constructor(private readonly keys: () => SigningKeys) {}

  /**
   * @param maxBytes maximum size of the answer; each run of the page has an equal share
   * @throws ProblemError invalid_cursor, validation_failed
   */
  async list(scope: RunScope, input: ListedRuns, maxBytes: number, view: ListView): Promise<AnswerText<RunList>> {
    const { page, pageSize, cursor } = input;
    checkFilter(input);
    const from = cursor === undefined ? { offset: (page - 1) * pageSize } : { after: this.#read(scope, input, cursor) };
    const limits = { maxBytes: maxBytes - ENVELOPE_BYTES, requests: MAX_DECISION_REQUESTS.inList };
    // One more run than the page shows whether there is a next page.
    const [rows, total] = await Promise.all([
      listRuns(scope, input, { ...from, pageSize }, limits),
      cursor === undefined ? this.#count(scope, input) : undefined,
    ]);
    const onPage = rows.slice(0, pageSize);
    const bytes = Math.floor((maxBytes - ENVELOPE_BYTES) / Math.max(1, onPage.length)) - 1;
    const runs = await this.#runs(scope, onPage, { ...input, bytes }, view);
    const last = onPage.at(-1);
    const nextCursor = rows.length > pageSize && last ? this.#sign(scope, input, last) : undefined;
    const pagination = {
      pageSize,
      ...(total !== undefined && { page, totalItems: total, totalPages: Math.ceil(total / pageSize) }),
      ...(nextCursor && { nextCursor }),
    };
    const pieces = runs.flatMap((each, i) => (i === 0 ? each : [',', ...each]));
    return new AnswerText(['{"runs":[', ...pieces, `],"pagination":${JSON.stringify(pagination)}}`]);
  }

  /** The pieces of the JSON text of each run. */
  async #runs(
    scope: RunScope,
    rows: readonly RunForResponse[],
    { includeEvents, includeToolCalls, bytes }: ListedRuns & { bytes: number },
    { link, requesters }: ListView,
  ): Promise<string[][]> {
    const requesterOf = await requesters(scope.workspaceId, identitiesOf(rows));
    const limits = { maxBytes: bytes, maxRequests: MAX_DECISION_REQUESTS.inList };
    const drafts = rows.map((row) => draftRun(row, peopleOf(row, requesterOf), limits));
    if (!includeEvents) return drafts.map((draft) => draft.pieces([], { truncated: false }));
    const shares = rows.map(({ runId }, i) => ({ runId, bytes: Math.max(0, drafts[i]!.bytesLeft) }));
    const newest = await readNewestEvents(scope, shares, EVENTS_IN_LIST);
    const fitted = rows.map((row, i) => {
      const { rows: newestRows, total: eventCount } = newest.get(row.runId)!;
      const eventRows =
        eventCount === 0 && row.endedAt ? [toEndEvent({ ...row, result: drafts[i]!.result })] : newestRows;
      const events = eventRows.map((event) => render(row.runId, event, { withCalls: includeToolCalls, link }));
      return newestThatFit(events, shares[i]!.bytes);
    });
    const allEvents = fitted.flatMap(({ events }) => events);
    const bytesByRun = new Map(fitted.map(({ bytesLeft }, i) => [rows[i]!.runId, bytesLeft]));
    const texts = await eventTexts(scope, allEvents, bytesByRun);
    let at = 0;
    return fitted.map(({ events }, i) => {
      const textsOfRun = texts.slice(at, at + events.length);
      at += events.length;
      const truncated = events.length === 0 ? rows[i]!.seq > 0 : events[0]!.seq > 1;
      return drafts[i]!.pieces(textsOfRun, { truncated });
    });
  }

  async #count(scope: RunScope, input: ListedRuns): Promise<number> {
    const key = tokenContext(scope, input);
    const cached = this.#counts.get(key);
    if (cached !== undefined) return cached;
    const startedAt = performance.now();
    const count = await countRuns(scope, input);
    if (performance.now() - startedAt > SLOW_COUNT_MS) this.#counts.set(key, count);
    return count;
  }

  #sign(scope: RunScope, input: ListedRuns, { runId, createdAt, endedAt }: RunForResponse): string {
    const body = Buffer.alloc(ID_BYTES + (input.sort === '-duration' ? 8 : 0));
    body.write(runId.replaceAll('-', ''), 'hex');
    if (input.sort === '-duration') body.writeDoubleBE(Number(endedAt) - Number(createdAt), ID_BYTES);
    return signToken(this.keys(), body, tokenContext(scope, input));
  }

  #read(scope: RunScope, input: ListedRuns, cursor: string): ListPosition {
    const body = openToken(this.keys(), cursor, tokenContext(scope, input));
    if (!body) {
      throw problem('invalid_cursor', 'Use nextCursor of an earlier page, with the same filters, sort and key.');
    }
    const runId = body.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    return input.sort === '-duration' ? { runId, durationMs: body.readDoubleBE(ID_BYTES) } : { runId };
  }
}

/** @throws ProblemError validation_failed for a filter that no run could match */
export function checkFilter(
  input: Pick<ListRunsInput, 'createdAfter' | 'createdBefore' | 'status' | 'waiting'> & { sort?: string },
): void {
  const { createdAfter, createdBefore, sort, status, waiting } = input;
  if (
    createdAfter !== undefined &&
    createdBefore !== undefined &&
    Date.parse(createdAfter) > Date.parse(createdBefore)
  ) {
    throw invalidFilter('/createdBefore', 'Must not be earlier than createdAfter');
  }
  if (sort === '-duration' && (waiting || (status && !status.some(isTerminal)))) {
    throw invalidFilter('/sort', 'Sorts runs that have ended. Of open ones, createdAt gives the oldest first');
  }
}

const invalidFilter = (pointer: string, message: string) => invalid(pointer, message, `${pointer}: ${message}.`);

/** The newest events that fit, oldest first, and the remaining bytes. */
function newestThatFit(
  events: readonly RenderedEvent[],
  maxBytes: number,
): { events: RenderedEvent[]; bytesLeft: number } {
  let bytesLeft = maxBytes;
  let first = events.length;
  while (first > 0 && events[first - 1]!.bytes + 1 <= bytesLeft) bytesLeft -= events[--first]!.bytes + 1;
  return { events: events.slice(first), bytesLeft };
}

// The workspace, filter and sort for which a cursor and a count are valid.
const tokenContext = ({ workspaceId }: RunScope, input: ListedRuns): string => `${workspaceId}${filterText(input)}`;

/** Equal for equal filters. */
export const filterText = (filter: RunFilter & { sort?: string }): string =>
  JSON.stringify([
    filter.runIds && [...new Set(filter.runIds.map((id) => id.toLowerCase()))].sort(),
    filter.userId,
    filter.status && [...new Set(filter.status)].sort(),
    filter.customerIntegrationIds && [...new Set(filter.customerIntegrationIds)].sort(),
    filter.onlyIntegrations && [...new Set(filter.onlyIntegrations)].sort(),
    filter.repeatKey,
    filter.metadata && Object.entries(filter.metadata).sort(),
    filter.actionKey,
    filter.rerunOf?.toLowerCase(),
    filter.requestedBy,
    filter.tool,
    filter.hasUncertain,
    filter.createdAfter,
    filter.createdBefore,
    filter.q,
    filter.errorCode,
    filter.waiting,
    filter.sort,
  ]);
