import type { LeftOut, Run } from '@errand/contracts';
import { MIN_RENDERED, type RenderedRun } from '@errand/db';
import { toWaitingOn } from '../decisions/ask/pending.ts';
import { bytesOf, members } from '../events/answer-text.ts';
import { inArray } from '../events/events.ts';
import { usageOf } from './result.ts';

/** Open decision requests that are shown with each run of a list, and with a run that is read alone. */
export const MAX_DECISION_REQUESTS = { inList: 10, singleRun: 100 };

/** A run in an answer: the bytes that its documents leave for events, and its text once the events are known. */
export type RunDraft = {
  /** Bytes that are left for events. */
  roomLeft: number;
  /** The JSON text of the result if it fits, else null. */
  result: string | null;
  /** The pieces of the JSON text. @param events texts, oldest first; `truncated`: whether the run has more events */
  pieces(events: readonly string[], more: { truncated: boolean }): string[];
};

/** Bytes that `leftOut` may take. */
const LEFT_OUT_BYTES = 1200;

/**
 * A run in the form of the API: its fixed fields, then its documents and decision requests as far as they fit.
 * @param room bytes that it may take, with its events
 * @param maxRequests open decision requests that are shown
 */
export function draftRun(row: RenderedRun, room: number, maxRequests: number): RunDraft {
  const leftOut: LeftOut[] = [];
  const begin = `{${members({
    runId: row.runId,
    repeatKey: row.repeatKey,
    repeatRunId: row.repeatRunId ?? undefined,
    rerunOf: row.rerunOf ?? undefined,
    actionKey: row.actionKey ?? undefined,
    scheduleId: row.scheduleId ?? undefined,
    scheduledFor: row.scheduledFor?.toISOString(),
    startAt: row.startAt?.toISOString(),
    status: row.status,
    executionPlanId: row.executionPlanId,
  } satisfies Partial<Run>)},"events":[`;
  const fixed = members({
    userId: row.userId,
    user: row.user ?? undefined,
    approvalStrategy: row.approvalStrategy,
    selectedCustomerIntegrationIds: row.selected,
    usage: usageOf(row),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    startedAt: row.startedAt?.toISOString(),
    endedAt: row.endedAt?.toISOString(),
    outputsRemovedAt: row.outputsRemovedAt?.toISOString(),
    summary: row.summary ?? undefined,
    ...(row.waitsFor && { waitingFor: { what: row.waitsFor, since: row.updatedAt.toISOString() } }),
  } satisfies Partial<Run>);
  let roomLeft = room - bytesOf(begin) - bytesOf(fixed) - LEFT_OUT_BYTES;
  const parts: string[] = [];
  // Adds a member with its text if that fits, else with `instead`.
  const add = (field: LeftOut['field'], text: string | null, bytes: number, instead?: string): boolean => {
    const size = text === null ? 0 : bytesOf(text) + field.length + 4;
    const fits = text !== null && size <= roomLeft;
    if (fits) roomLeft -= size;
    else leftOut.push({ field, bytes, path: `/v1/runs/${row.runId}` });
    const value = fits ? text : instead;
    if (value !== undefined) parts.push(`"${field}":${value}`);
    return fits;
  };
  const cut = [...row.intent].slice(0, MIN_RENDERED).join('');
  const wholeIntent = bytesOf(row.intent) === row.intentBytes;
  add('intent', wholeIntent ? JSON.stringify(row.intent) : null, row.intentBytes, JSON.stringify(cut));
  if (row.error !== null) addError(row, add);
  add('metadata', row.metadata, row.metadataBytes, '{}');
  if (row.outputSchemaBytes > 0) add('outputSchema', row.outputSchema, row.outputSchemaBytes);
  add('context', row.context === null ? null : JSON.stringify(row.context), row.contextBytes, '""');
  const requests: string[] = [];
  for (const request of row.open.slice(0, maxRequests)) {
    const text = JSON.stringify(toWaitingOn(request));
    if (bytesOf(text) + 1 > roomLeft) break;
    roomLeft -= bytesOf(text) + 1;
    requests.push(text);
  }
  if (requests.length < row.open.length) {
    leftOut.push({ field: 'waitingOn', path: `/v1/pending?runId=${row.runId}` });
  }
  const added = row.resultBytes > 0 && add('result', row.result, row.resultBytes);
  return {
    roomLeft,
    result: added ? row.result : null,
    pieces: (events, { truncated }) => [
      begin,
      ...inArray(events),
      `]${truncated ? ',"eventsTruncated":true' : ''},${fixed},`,
      ...parts.map((part) => `${part},`),
      `"waitingOn":[${requests.join(',')}]`,
      ...(leftOut.length > 0 ? [`,"leftOut":${JSON.stringify(leftOut)}`] : []),
      '}',
    ],
  };
}

type Add = (field: LeftOut['field'], text: string | null, bytes: number, instead?: string) => boolean;

// An error that was shortened when it was read is smaller than the stored one.
function addError({ error, errorBytes }: RenderedRun, add: Add): void {
  if (bytesOf(error!) >= errorBytes) {
    const { code, message, retryable } = JSON.parse(error!) as NonNullable<Run['error']>;
    const short = JSON.stringify({ code, message: message.slice(0, MIN_RENDERED).toWellFormed(), retryable });
    add('error', error, errorBytes, short);
  } else add('error', null, errorBytes, error!);
}
