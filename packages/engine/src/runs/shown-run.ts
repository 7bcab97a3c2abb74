import type { LeftOut, Run, WaitingOn } from '@errand/contracts';
import { type ShownRun, shownAtLeast } from '@errand/db';
import { inArray } from '../events/events.ts';
import { bytesOf, members } from './answer-text.ts';
import { waitingFor } from './result.ts';

/** Open questions that are shown with a run: where it is one of many, and where it is the only one. */
export const questionsShown = { inList: 10, alone: 100 };

/** A run on its way into an answer: what its documents leave for its events, and its text once these are known. */
export type RunDraft = {
  /** Bytes that are left of its room. */
  left: number;
  /** The result, where it is shown. */
  result: string | null;
  /** @param events texts, oldest first @param truncated whether there are more */
  pieces(events: readonly string[], truncated: boolean): string[];
};

/** What the list of what is left out may take. */
const LEFT_OUT_BYTES = 1200;

/**
 * A run as callers see it: what every run has, then its documents and questions as long as they have room.
 * @param room bytes that it may take, with its events
 * @param waiting its open questions @param more whether there are more
 */
export function draftRun(row: ShownRun, room: number, waiting: readonly WaitingOn[] = [], more = false): RunDraft {
  const leftOut: LeftOut[] = [];
  const begin = `{${members({
    runId: row.runId,
    repeatKey: row.repeatKey,
    repeatRunId: row.repeatRunId ?? undefined,
    status: row.status,
    executionPlanId: row.executionPlanId,
  } satisfies Partial<Run>)},"events":[`;
  const fixed = members({
    userId: row.userId,
    approvalStrategy: row.approvalStrategy,
    selectedCustomerIntegrationIds: row.selected,
    usage: {
      steps: row.steps,
      toolCalls: row.toolCalls,
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      activeMs: row.activeMs,
    },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    startedAt: row.startedAt?.toISOString(),
    endedAt: row.endedAt?.toISOString(),
    outputsRemovedAt: row.outputsRemovedAt?.toISOString(),
    ...waitingFor(row),
  } satisfies Partial<Run>);
  let left = room - bytesOf(begin) - bytesOf(fixed) - LEFT_OUT_BYTES;
  const parts: string[] = [];
  // The member with its text where that has room, else with what stands in its place.
  const add = (field: LeftOut['field'], text: string | null, bytes: number, instead?: string): boolean => {
    const size = text === null ? 0 : bytesOf(text) + field.length + 4;
    const fits = text !== null && size <= left;
    if (fits) left -= size;
    else leftOut.push({ field, bytes, path: `/v1/runs/${row.runId}` });
    const shown = fits ? text : instead;
    if (shown !== undefined) parts.push(`"${field}":${shown}`);
    return fits;
  };
  const cut = [...row.intent].slice(0, shownAtLeast).join('');
  const wholeIntent = bytesOf(row.intent) === row.intentBytes;
  add('intent', wholeIntent ? JSON.stringify(row.intent) : null, row.intentBytes, JSON.stringify(cut));
  if (row.error !== null) addError(row, add);
  add('metadata', row.metadata, row.metadataBytes, '{}');
  if (row.outputSchemaBytes > 0) add('outputSchema', row.outputSchema, row.outputSchemaBytes);
  add('context', row.context === null ? null : JSON.stringify(row.context), row.contextBytes, '""');
  const asked: string[] = [];
  for (const question of waiting) {
    const text = JSON.stringify(question);
    if (bytesOf(text) + 1 > left) break;
    left -= bytesOf(text) + 1;
    asked.push(text);
  }
  if (more || asked.length < waiting.length) {
    leftOut.push({ field: 'waitingOn', path: `/v1/pending?runId=${row.runId}` });
  }
  const shown = row.resultBytes > 0 && add('result', row.result, row.resultBytes);
  return {
    left,
    result: shown ? row.result : null,
    pieces: (events, truncated) => [
      begin,
      ...inArray(events),
      `]${truncated ? ',"eventsTruncated":true' : ''},${fixed},`,
      ...parts.map((part) => `${part},`),
      `"waitingOn":[${asked.join(',')}]`,
      ...(leftOut.length > 0 ? [`,"leftOut":${JSON.stringify(leftOut)}`] : []),
      '}',
    ],
  };
}

type Add = (field: LeftOut['field'], text: string | null, bytes: number, instead?: string) => boolean;

// An error that was cut when it was read is smaller than what is stored.
function addError({ error, errorBytes }: ShownRun, add: Add): void {
  if (bytesOf(error!) >= errorBytes) {
    const { code, message, retryable } = JSON.parse(error!) as NonNullable<Run['error']>;
    const short = JSON.stringify({ code, message: message.slice(0, shownAtLeast).toWellFormed(), retryable });
    add('error', error, errorBytes, short);
  } else add('error', null, errorBytes, error!);
}
