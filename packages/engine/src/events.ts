import { isTerminal, problem, type RunEvent } from '@errand/contracts';
import { type EventRow, type RunScope, readCallTexts, readEvents, readHead } from '@errand/db';
import { fullText, plainText, referredKeys, toEvent } from './frame.ts';
import type { Hub } from './hub.ts';

/** Events as JSON texts; with tool calls their arguments and outputs are read from the ledger. */
export async function toTexts(
  scope: RunScope,
  runId: string,
  rows: readonly EventRow[],
  includeToolCalls: boolean,
): Promise<string[]> {
  if (!includeToolCalls) return rows.map((row) => plainText(runId, row));
  const texts = await readCallTexts(scope, runId, referredKeys(rows));
  return rows.map((row) => fullText(runId, row, texts));
}

/** Events of a run after `after`, at most `limit`. @throws ProblemError not_found */
export async function listEvents(
  scope: RunScope,
  input: { runId: string; after: number; limit: number; includeToolCalls: boolean },
): Promise<RunEvent[]> {
  const rows = await readEvents(scope, input.runId, input.after, input.limit);
  if (rows.length === 0 && !(await readHead(scope, input.runId))) throw noSuchRun();
  return (await toTexts(scope, input.runId, rows, input.includeToolCalls)).map(toEvent);
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
  signal: AbortSignal,
): Promise<AsyncGenerator<SentEvent, void> | null> {
  const channel = hub.join(scope, input.runId);
  const follower = channel.join();
  // A stream that is never read still leaves when its reader does.
  signal.addEventListener('abort', () => channel.leave(follower), { once: true });
  try {
    const [head, first] = await Promise.all([readHead(scope, input.runId), channel.first(follower, input.after)]);
    if (!head) throw noSuchRun();
    if (input.after > head.seq) {
      throw problem('invalid_event_id', `The run has ${head.seq} events so far; resume after one of them.`);
    }
    if (!isTerminal(head.status) || input.after < head.seq) {
      return send(channel.follow(input.after, signal, follower, first), input.includeToolCalls);
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
): AsyncGenerator<SentEvent, void> {
  for await (const frame of frames) {
    yield { id: String(frame.seq), event: frame.type, data: await frame.text(includeToolCalls) };
  }
}

export const noSuchRun = () => problem('not_found', 'There is no such run.');
