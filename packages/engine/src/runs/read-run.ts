import { type ExecutionPlan, problem, type ReadExecutionPlan, type Run, type ToolCall } from '@errand/contracts';
import {
  type RunScope,
  readCallTexts,
  readPlan,
  readRenderedCall,
  readRunForResponse,
  readRunOfPlan,
} from '@errand/db';
import { planDetails } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { AnswerText } from '../events/answer-text.ts';
import { callText, eventTexts, NOT_REQUIRED, render } from '../events/event-json.ts';
import { collectEvents, runNotFound, toEndEvent } from '../events/events.ts';
import type { AddLinks } from '../events/links.ts';
import { isEnvelope, PLANNING, toolNames } from '../model/envelope.ts';
import { draftRun, MAX_DECISION_REQUESTS } from './run-draft.ts';

/** Maximum events in one answer; the stream and the event list have all. */
const MAX_EVENTS = 10_000;

/** A run with as many of its events as fit. @throws ProblemError not_found */
export async function getRun(
  scope: RunScope,
  { runId, includeEvents, includeToolCalls }: { runId: string; includeEvents: boolean; includeToolCalls: boolean },
  maxBytes: number,
  link: AddLinks,
): Promise<AnswerText<Run>> {
  const row = await readRunForResponse(scope, runId, { maxBytes, requests: MAX_DECISION_REQUESTS.singleRun });
  if (!row) throw runNotFound();
  const draft = draftRun(row, maxBytes, MAX_DECISION_REQUESTS.singleRun);
  if (!includeEvents) return new AnswerText(draft.pieces([], { truncated: false }));
  const page = { runId, after: 0, limit: Math.min(row.seq, MAX_EVENTS), includeToolCalls };
  const collected = await collectEvents(scope, page, draft.bytesLeft, link);
  // The events of a run are removed some time after its end. Then only the `end` event is shown, made from the run itself.
  const removed = collected.rendered.length === 0 && !collected.isTruncated && row.endedAt !== null;
  const endEvent = () => render(runId, toEndEvent({ ...row, result: draft.result }), { withCalls: false, link });
  const events = removed ? [endEvent()] : collected.rendered;
  const texts = await eventTexts(scope, events, new Map([[runId, collected.bytesLeft]]));
  return new AnswerText(draft.pieces(texts, { truncated: removed || collected.isTruncated || row.seq > MAX_EVENTS }));
}

/** One call of a run with all its arguments and output, as its newest event shows it. @throws ProblemError not_found without such an event */
export async function readCall(scope: RunScope, runId: string, toolCallId: string): Promise<AnswerText<ToolCall>> {
  const call = await readRenderedCall(scope, runId, toolCallId);
  if (!call) throw problem('not_found', 'No event of the run shows such a call.');
  if (call.call !== null) return new AnswerText([call.call]);
  const everything = new Map([[runId, 2 ** 31 - 1]]);
  const [found] = await readCallTexts(scope, [{ runId, key: toolCallId }], everything);
  return new AnswerText([callText(runId, toolCallId, call.approval ?? NOT_REQUIRED, found)]);
}

export async function readExecutionPlan(scope: RunScope, executionPlanId: string): Promise<ExecutionPlan> {
  const row = await readPlan(scope, executionPlanId);
  if (!row) throw problem('not_found', 'There is no such execution plan.');
  return row.planType === 'json' && isEnvelope(row.plan)
    ? { planType: 'json', plan: row.plan.plan, ...(row.plan.input && { input: row.plan.input }) }
    : { planType: 'text', plan: typeof row.plan === 'string' ? row.plan : PLANNING };
}

export async function readPlanWithDetails(
  scope: RunScope,
  toolbox: Pick<Toolbox, 'catalog'>,
  executionPlanId: string,
): Promise<ReadExecutionPlan> {
  const read = await readExecutionPlan(scope, executionPlanId);
  if (read.planType === 'text') return read;
  const run = await readRunOfPlan(scope, executionPlanId);
  if (!run) throw problem('not_found', 'There is no such execution plan.');
  const catalog = await toolbox.catalog(scope.workspaceId, ['*'], run.createdAt);
  const tools = await catalog.named(toolNames(read.plan));
  return { ...read, ...planDetails(read.plan, tools, run) };
}
