import {
  type ExecutionPlan,
  type Json,
  type PlanVersion,
  problem,
  type ReadExecutionPlan,
  type Run,
  type ToolCall,
} from '@errand/contracts';
import {
  type PlanOfAnyVersion,
  type ReadRequesters,
  type RunScope,
  readCallTexts,
  readPlan,
  readPlanVersions,
  readRenderedCall,
  readRunForResponse,
} from '@errand/db';
import { planDetails, planWords } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { AnswerText } from '../events/answer-text.ts';
import { callText, eventTexts, NOT_REQUIRED, render } from '../events/event-json.ts';
import { collectEvents, runNotFound, toEndEvent } from '../events/events.ts';
import type { AddLinks } from '../events/links.ts';
import { isEnvelope, PLANNING, toolNames } from '../model/envelope.ts';
import { identitiesOf, peopleOf } from '../model/people-of-run.ts';
import { toPlanMaker } from '../model/plan-maker.ts';
import { draftRun, MAX_DECISION_REQUESTS } from './run-draft.ts';

/** Maximum events in one answer; the stream and the event list have all. */
const MAX_EVENTS = 10_000;

/** A run with as many of its events as fit. @throws ProblemError not_found */
export async function getRun(
  scope: RunScope,
  { runId, includeEvents, includeToolCalls }: { runId: string; includeEvents: boolean; includeToolCalls: boolean },
  maxBytes: number,
  { link, requesters }: { link: AddLinks; requesters: ReadRequesters },
): Promise<AnswerText<Run>> {
  const row = await readRunForResponse(scope, runId, { maxBytes, requests: MAX_DECISION_REQUESTS.singleRun });
  if (!row) throw runNotFound();
  const requesterOf = await requesters(scope.workspaceId, identitiesOf([row]));
  const limits = { maxBytes, maxRequests: MAX_DECISION_REQUESTS.singleRun };
  const draft = draftRun(row, peopleOf(row, requesterOf), limits);
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
  if (!row) throw planNotFound();
  const plan = toExecutionPlan(row.plan);
  if (plan.planType === 'text') return plan;
  return { ...plan, madeBy: toPlanMaker(row.madeBy, row.isRerun), madeAt: row.madeAt.toISOString() };
}

const planNotFound = () => problem('not_found', 'There is no such execution plan.');

const toExecutionPlan = (stored: Json): ExecutionPlan =>
  isEnvelope(stored)
    ? { planType: 'json', plan: stored.plan, ...(stored.input && { input: stored.input }) }
    : { planType: 'text', plan: typeof stored === 'string' ? stored : PLANNING };

/**
 * The plan of a run with the dependencies of its steps.
 * @param version undefined: the newest
 * @throws ProblemError not_found
 */
export async function readPlanWithDetails(
  scope: RunScope,
  toolbox: Pick<Toolbox, 'catalog'>,
  { executionPlanId, version }: { executionPlanId: string; version?: number | undefined },
): Promise<ReadExecutionPlan> {
  const row = await readPlanVersions(scope, executionPlanId, version ?? null);
  if (!row) throw planNotFound();
  const versions = toVersions(row);
  const versionNumber = version ?? versions.length;
  const details = versions[versionNumber - 1];
  if (!details) throw problem('not_found', `The run has ${versions.length} plans.`, { remedy: 'Leave out `version`.' });
  const read = toExecutionPlan(versionNumber === versions.length ? row.plan : row.earlierPlan);
  if (read.planType === 'text') return read;
  const catalog = await toolbox.catalog(scope.workspaceId, ['*'], row.request.createdAt);
  const tools = await catalog.named(toolNames(read.plan));
  const { madeBy, madeAt } = details;
  const inWords = planWords(read.plan, tools, row.request);
  return { ...read, madeBy, madeAt, version: versionNumber, versions, ...planDetails(read.plan, tools, inWords) };
}

function toVersions({ earlier, madeBy, madeAt, reason, isRerun }: PlanOfAnyVersion): PlanVersion[] {
  const rows = [...earlier, { madeBy, madeAt: madeAt.toISOString(), reason }];
  return rows.map((row, index) => ({
    version: index + 1,
    madeAt: row.madeAt,
    madeBy: toPlanMaker(row.madeBy, isRerun),
    ...(row.reason !== null && { reason: row.reason }),
  }));
}
