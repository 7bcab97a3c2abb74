import type { Run } from '@errand/contracts';
import { type RunScope, readRenderedRun } from '@errand/db';
import type { Link } from '../decisions/links.ts';
import { collect, endLeft, noSuchRun, textsOf } from '../events/events.ts';
import { render } from '../events/frame.ts';
import { AnswerText } from './answer-text.ts';
import { draftRun, MAX_REQUESTS } from './run-draft.ts';

/** Events in one answer at most; the stream and the event list have all. */
const MAX_EVENTS = 10_000;

/**
 * A run with as many of its events as fit.
 * @param room bytes that the answer may have
 * @throws ProblemError not_found
 */
export async function getRun(
  scope: RunScope,
  { runId, includeEvents, includeToolCalls }: { runId: string; includeEvents: boolean; includeToolCalls: boolean },
  room: number,
  link: Link,
): Promise<AnswerText<Run>> {
  const row = await readRenderedRun(scope, runId, { room, requests: MAX_REQUESTS.alone });
  if (!row) throw noSuchRun();
  const draft = draftRun(row, room, MAX_REQUESTS.alone);
  if (!includeEvents) return new AnswerText(draft.pieces([], false));
  const wanted = { runId, after: 0, limit: Math.min(row.seq, MAX_EVENTS), includeToolCalls };
  const found = await collect(scope, wanted, draft.left, link);
  const removed = found.rendered.length === 0 && !found.cut && row.endedAt !== null;
  const events = removed ? [render(runId, endLeft({ ...row, result: draft.result }), false, link)] : found.rendered;
  const texts = await textsOf(scope, events, new Map([[runId, found.left]]));
  return new AnswerText(draft.pieces(texts, removed || found.cut || row.seq > MAX_EVENTS));
}
