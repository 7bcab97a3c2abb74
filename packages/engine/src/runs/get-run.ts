import type { Run } from '@errand/contracts';
import { type RunScope, readRunForResponse } from '@errand/db';
import { AnswerText } from '../events/answer-text.ts';
import { collect, endEventOf, noSuchRun, textsOf } from '../events/events.ts';
import { render } from '../events/frame.ts';
import type { Link } from '../events/links.ts';
import { draftRun, MAX_DECISION_REQUESTS } from './run-draft.ts';

/** Maximum events in one answer; the stream and the event list have all. */
const MAX_EVENTS = 10_000;

/** A run with as many of its events as fit. @throws ProblemError not_found */
export async function getRun(
  scope: RunScope,
  { runId, includeEvents, includeToolCalls }: { runId: string; includeEvents: boolean; includeToolCalls: boolean },
  maxBytes: number,
  link: Link,
): Promise<AnswerText<Run>> {
  const row = await readRunForResponse(scope, runId, { maxBytes, requests: MAX_DECISION_REQUESTS.singleRun });
  if (!row) throw noSuchRun();
  const draft = draftRun(row, maxBytes, MAX_DECISION_REQUESTS.singleRun);
  if (!includeEvents) return new AnswerText(draft.pieces([], { truncated: false }));
  const page = { runId, after: 0, limit: Math.min(row.seq, MAX_EVENTS), includeToolCalls };
  const collected = await collect(scope, page, draft.bytesLeft, link);
  // The events of a run are removed some time after its end. Then only the `end` event is shown, made from the run itself.
  const removed = collected.rendered.length === 0 && !collected.cut && row.endedAt !== null;
  const endEvent = () => render(runId, endEventOf({ ...row, result: draft.result }), { withCalls: false, link });
  const texts = await textsOf(
    scope,
    removed ? [endEvent()] : collected.rendered,
    new Map([[runId, collected.bytesLeft]]),
  );
  return new AnswerText(draft.pieces(texts, { truncated: removed || collected.cut || row.seq > MAX_EVENTS }));
}
