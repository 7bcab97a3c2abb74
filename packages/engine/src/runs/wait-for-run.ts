import { timeLimit } from '@errand/basics/time-limit';
import { type CreatedRun, isTerminal, isWaiting, type RunStatus } from '@errand/contracts';
import { type EndedRun, type RunScope, readHead } from '@errand/db';
import { AnswerText, members } from '../events/answer-text.ts';
import { withCommas } from '../events/events.ts';
import type { StreamItem } from '../events/follower.ts';
import type { Hub } from '../events/hub.ts';
import { usageOf } from './result.ts';

export type WaitOptions = {
  signal?: AbortSignal | undefined;
  /** Also resolves when the run waits for a human. */
  orWaiting?: boolean;
};

/** Maximum UTF-16 units of events that a waiting request collects; a longer run is read in Postgres. */
const MAX_COLLECTED = 256 * 1024;

/** Resolves when the run has ended, waits for a human (`orWaiting`), or `ms` have passed. */
export async function waitForRun(
  scope: RunScope,
  hub: Hub,
  runId: string,
  { ms, signal, orWaiting = false }: WaitOptions & { ms: number },
): Promise<void> {
  const head = await readHead(scope, runId);
  const isOver = (status: RunStatus) => isTerminal(status) || (orWaiting && isWaiting(status));
  if (!head || isOver(head.status)) return;
  const after = orWaiting ? head.seq : 0;
  for await (const item of hub.channelOf(scope, runId).follow(after, withLimit(ms, signal)))
    if (item.type === 'end' || (orWaiting && isWaiting(item.runStatus))) return;
}

/**
 * Waits until a run that this process has just created ends, waits for a human, or `ms` have passed.
 * @returns the ended run in the form of `getRun`, if this process wrote all its events; undefined when the run must be read in Postgres
 */
export async function waitForCreatedRun(
  scope: RunScope,
  hub: Hub,
  created: CreatedRun,
  { ms, signal, maxBytes }: Pick<WaitOptions, 'signal'> & { ms: number; maxBytes: number },
): Promise<AnswerText<CreatedRun> | undefined> {
  const { runId } = created;
  const first = hub.recentLogs.read({ workspaceId: scope.workspaceId, runId }, 0);
  // The plan of a planner may be replaced, and a run that has events before this wait was not just created.
  if (!first || created.plan.planType !== 'json' || created.repeatRunId !== undefined) {
    await waitForRun(scope, hub, runId, { ms, signal, orWaiting: true });
    return undefined;
  }
  const channel = hub.channelOf(scope, runId);
  const follower = channel.join();
  await channel.readFirst(follower, 0, () => first);
  const texts: string[] = [];
  let size = 0;
  for await (const item of channel.follow(0, withLimit(ms, signal), follower, first)) {
    const text = await item.text(false);
    size += text.length;
    if (size <= MAX_COLLECTED) texts.push(text);
    if (item.type === 'end')
      return item.ended && size <= MAX_COLLECTED ? endedAnswer(created, item.ended, texts, maxBytes) : undefined;
    if (isWaiting(item.runStatus) && (await isSuspended(scope, item, runId))) return undefined;
  }
  return undefined;
}

const withLimit = (ms: number, signal: AbortSignal | undefined): AbortSignal => {
  const limit = timeLimit(ms);
  return signal ? AbortSignal.any([signal, limit]) : limit;
};

/** Whether a run waits for a human: the event of a step that asks shows the status before, while other steps still run. */
async function isSuspended(scope: RunScope, { type }: StreamItem, runId: string): Promise<boolean> {
  if (type === 'status') return true;
  const head = await readHead(scope, runId);
  return head !== null && (isWaiting(head.status) || isTerminal(head.status));
}

/** @param events JSON texts; the last one is the event `end` */
function endedAnswer(
  created: CreatedRun,
  ended: EndedRun,
  events: readonly string[],
  maxBytes: number,
): AnswerText<CreatedRun> | undefined {
  const { runStatus: status, timestamp: updatedAt, result, error, summary } = JSON.parse(events.at(-1)!);
  const { runId, repeatKey, rerunOf, actionKey, scheduleId, scheduledFor, executionPlanId, plan, waitingOn } = created;
  const { userId, user, requestedBy, approvalStrategy, approvers, selectedCustomerIntegrationIds, integrations } =
    created;
  const { intent, metadata, outputSchema, context, createdAt } = created;
  const usage = usageOf(ended);
  const progress = created.progress && { ...created.progress, done: ended.steps };
  const startedAt = ended.startedAt ?? undefined;
  const { endedAt } = ended;
  // The order of `draftRun`.
  const ids = { runId, repeatKey, rerunOf, actionKey, scheduleId, scheduledFor, status, executionPlanId };
  const origin = {
    userId,
    user,
    requestedBy,
    approvalStrategy,
    approvers,
    selectedCustomerIntegrationIds,
    integrations,
    progress,
  };
  const times = { usage, createdAt, updatedAt, startedAt, endedAt, summary };
  const documents = { intent, error, metadata, outputSchema, context, result, waitingOn, plan };
  const pieces = [
    `{${members(ids)},"events":[`,
    ...withCommas(events),
    `],${members({ ...origin, ...times, ...documents })}}`,
  ];
  const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  return bytes <= maxBytes ? new AnswerText(pieces) : undefined;
}
