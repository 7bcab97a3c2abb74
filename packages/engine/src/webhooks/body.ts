import type { RunEvent, WebhookBody, WebhookRun } from '@errand/contracts';
import type { MessageContent, MessageRun } from '@errand/db';
import { toWaitingOn } from '../decisions/ask/waiting-on.ts';
import { textWithoutCalls } from '../events/event-json.ts';
import { usageOf } from '../runs/result.ts';

/**
 * The JSON body of a message. It contains no output, no argument of a call and no decision link, and is at most about 64 KiB: events of
 * the log have no links, and large ones are omitted.
 */
export function webhookBody({ type, createdAt, data, run, event }: MessageContent): string {
  const timestamp = createdAt.toISOString();
  // A run that retention has removed in the meantime has no data left.
  const content = run ? { ...(event && { event: toEvent(run, event) }), run: toRun(run, type) } : (data ?? {});
  return JSON.stringify({ type, timestamp, data: content } as WebhookBody);
}

function toEvent(run: MessageRun, event: NonNullable<MessageContent['event']>): RunEvent | undefined {
  const { seq, type, text, createdAt } = event;
  if (text !== null) {
    const { result: _, ...rest } = JSON.parse(
      textWithoutCalls(run.runId, { seq, type, data: text, toolCalls: null, createdAt }),
    ) as RunEvent & { result?: unknown };
    return rest;
  }
  if (type !== 'end') return undefined;
  const { code, message, retryable } = (run.error ?? {}) as NonNullable<Extract<RunEvent, { type: 'end' }>['error']>;
  return {
    type,
    seq,
    runId: run.runId,
    runStatus: run.status,
    timestamp: createdAt.toISOString(),
    ...(run.error && { error: { code, message: message.slice(0, MAX_TEXT).toWellFormed(), retryable } }),
    ...(run.summary !== null && { summary: run.summary }),
  };
}

/** Maximum characters of an external text. */
const MAX_TEXT = 1000;

const toRun = (run: MessageRun, message: string): WebhookRun => ({
  runId: run.runId,
  status: run.status,
  intent: run.intent,
  userId: run.userId,
  ...(run.metadata && { metadata: run.metadata }),
  usage: usageOf(run),
  ...(message === 'run.waiting' && {
    waitingOn: run.open.map(toWaitingOn).map(({ choices: _, requestedSchema: __, ...rest }) => rest),
  }),
  createdAt: run.createdAt.toISOString(),
  ...(message === 'run.end' && toEnd(run)),
});

const toEnd = ({ runId, endedAt, resultBytes }: MessageRun): Partial<WebhookRun> => ({
  ...(resultBytes !== null && { result: { bytes: resultBytes, path: `/v1/runs/${runId}` } }),
  ...(endedAt && { endedAt: endedAt.toISOString() }),
});
