import { isTerminal, problem, type RunEvent } from '@errand/contracts';
import {
  type EventRow,
  jsonText,
  type RunRow,
  type RunScope,
  readCallTexts,
  readEvents,
  readHead,
  readRun,
} from '@errand/db';
import { page } from './channel.ts';
import { fullText, plainText, referredKeys, toEvent } from './frame.ts';
import type { Hub } from './hub.ts';
import type { Link } from './links.ts';

/** Events as JSON texts; with tool calls their arguments and outputs are read from the ledger. */
export async function toTexts(
  scope: RunScope,
  runId: string,
  rows: readonly EventRow[],
  includeToolCalls: boolean,
  link: Link,
): Promise<string[]> {
  if (!includeToolCalls) return rows.map((row) => link(row.type, plainText(runId, row)));
  const texts = await readCallTexts(scope, runId, referredKeys(rows));
  return rows.map((row) => link(row.type, fullText(runId, row, texts)));
}

/** What is left of the log of a run that has ended and whose events are past their time: its end, under the number it had. */
export const endLeft = (row: RunRow): EventRow => ({
  seq: row.seq,
  type: 'end',
  data: jsonText({
    runStatus: row.status,
    ...(row.hasResult && { result: row.result }),
    ...(row.error && { error: row.error }),
  }),
  toolCalls: null,
  createdAt: row.endedAt ?? row.updatedAt,
});

/** Events after `after`, at most `limit`; `endLeft` where the run has ended and its events were removed. @throws ProblemError not_found */
async function readLog(scope: RunScope, runId: string, after: number, limit: number): Promise<EventRow[]> {
  const rows = await readEvents(scope, runId, after, limit);
  if (rows.length > 0) return rows;
  const head = await readHead(scope, runId);
  if (!head) throw noSuchRun();
  if (!isTerminal(head.status) || after >= head.seq) return [];
  // It may have ended between the two looks.
  const written = await readEvents(scope, runId, after, limit);
  if (written.length > 0) return written;
  const row = await readRun(scope, runId);
  if (!row) throw noSuchRun();
  return [endLeft(row)];
}

/** Events of a run after `after`, at most `limit`. @throws ProblemError not_found */
export async function listEvents(
  scope: RunScope,
  input: { runId: string; after: number; limit: number; includeToolCalls: boolean },
  link: Link,
): Promise<RunEvent[]> {
  const rows = await readLog(scope, input.runId, input.after, input.limit);
  return (await toTexts(scope, input.runId, rows, input.includeToolCalls, link)).map(toEvent);
}

/** An event ready to be sent. */
export type SentEvent = { id: string; event: string; data: string };

/**
 * A run's events after `after`, past then live.
 * @returns null when the run has ended and was read to its end
 * @throws ProblemError not_found; invalid_event_id when `after` lies beyond the newest event
 */
export async function streamEvents(
  scope: RunScope,
  hub: Hub,
  input: { runId: string; after: number; includeToolCalls: boolean },
  link: Link,
  signal: AbortSignal,
): Promise<AsyncGenerator<SentEvent, void> | null> {
  const channel = hub.join(scope, input.runId);
  const follower = channel.join();
  // A stream that is never read still leaves when its reader does.
  signal.addEventListener('abort', () => channel.leave(follower), { once: true });
  try {
    const found = await channel.first(follower, input.after);
    if (!found) throw noSuchRun();
    const { head } = found;
    if (input.after > head.seq) {
      throw problem('invalid_event_id', `The run has ${head.seq} events so far; resume after one of them.`);
    }
    if (!isTerminal(head.status) || input.after < head.seq) {
      const gone = isTerminal(head.status) && found.rows.length === 0;
      const rows = gone ? await readLog(scope, input.runId, input.after, page) : found.rows;
      return send(channel.follow(input.after, signal, follower, rows), input.includeToolCalls, link);
    }
  } catch (error) {
    channel.leave(follower);
    throw error;
  }
  channel.leave(follower);
  return null;
}

async function* send(
  frames: AsyncGenerator<{ seq: number; type: string; text(calls: boolean): string | Promise<string> }, void>,
  includeToolCalls: boolean,
  link: Link,
): AsyncGenerator<SentEvent, void> {
  for await (const frame of frames) {
    yield { id: String(frame.seq), event: frame.type, data: link(frame.type, await frame.text(includeToolCalls)) };
  }
}

export const noSuchRun = () => problem('not_found', 'There is no such run.');
