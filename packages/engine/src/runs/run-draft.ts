import type { LeftOut, Run } from '@errand/contracts';
import { MIN_SHOWN_CHARACTERS, type RunForResponse } from '@errand/db';
import { toWaitingOn } from '../decisions/ask/waiting-on.ts';
import { members } from '../events/answer-text.ts';
import { withCommas } from '../events/events.ts';
import type { PeopleOfRun } from '../model/people-of-run.ts';
import { progressOf, usageOf } from './result.ts';

/** Open decision requests that are shown with each run of a list, and with a single run. */
export const MAX_DECISION_REQUESTS = { inList: 10, singleRun: 100 };

/** A run in an answer: the bytes that its documents leave for events, and its text once the events are known. */
export type RunDraft = {
  bytesLeft: number;
  /** The JSON text of the result if it fits, otherwise null. */
  result: string | null;
  /** @param events JSON texts, oldest first; `truncated`: whether the run has more events */
  pieces(events: readonly string[], more: { truncated: boolean }): string[];
};

/** Bytes reserved for `leftOut`. */
const LEFT_OUT_BYTES = 1200;

/**
 * A run in the form of the API: its fixed fields, then its documents and decision requests while they fit.
 * @param maxBytes maximum size of the run, with its events
 * @param maxRequests maximum open decision requests
 */
export function draftRun(
  row: RunForResponse,
  people: PeopleOfRun,
  { maxBytes, maxRequests }: { maxBytes: number; maxRequests: number },
): RunDraft {
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
    requestedBy: people.requestedBy,
    approvalStrategy: row.approvalStrategy,
    approvers: people.approvers,
    selectedCustomerIntegrationIds: row.selected,
    integrations: row.integrations,
    progress: progressOf(row),
    usage: usageOf(row),
    phases: row.phases,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    startedAt: row.startedAt?.toISOString(),
    endedAt: row.endedAt?.toISOString(),
    outputsRemovedAt: row.outputsRemovedAt?.toISOString(),
    summary: row.summary ?? undefined,
    ...(row.waitsFor && { waitingFor: { what: row.waitsFor, since: row.updatedAt.toISOString() } }),
  } satisfies Partial<Run>);
  const documents = new FittedDocuments(
    row.runId,
    maxBytes - Buffer.byteLength(begin) - Buffer.byteLength(fixed) - LEFT_OUT_BYTES,
  );
  const { leftOut, parts } = documents;
  addDocuments(documents, row);
  const requests = documents.requestsThatFit(row.open, maxRequests);
  const hasResult = row.resultBytes > 0 && documents.add('result', row.result, row.resultBytes);
  return {
    bytesLeft: documents.bytesLeft,
    result: hasResult ? row.result : null,
    pieces: (events, { truncated }) => [
      begin,
      ...withCommas(events),
      `]${truncated ? ',"eventsTruncated":true' : ''},${fixed},`,
      ...parts.map((part) => `${part},`),
      `"waitingOn":[${requests.join(',')}]`,
      ...(leftOut.length > 0 ? [`,"leftOut":${JSON.stringify(leftOut)}`] : []),
      '}',
    ],
  };
}

class FittedDocuments {
  /** Members with their JSON texts. */
  readonly parts: string[] = [];
  readonly leftOut: LeftOut[] = [];

  constructor(
    private readonly runId: string,
    public bytesLeft: number,
  ) {}

  /** Adds a member with its text if that fits, otherwise with `instead`. @returns whether it fits */
  add(field: LeftOut['field'], text: string | null, bytes: number, instead?: string): boolean {
    const size = text === null ? 0 : Buffer.byteLength(text) + field.length + 4;
    const fits = text !== null && size <= this.bytesLeft;
    if (fits) this.bytesLeft -= size;
    else this.leftOut.push({ field, bytes, path: `/v1/runs/${this.runId}` });
    const value = fits ? text : instead;
    if (value !== undefined) this.parts.push(`"${field}":${value}`);
    return fits;
  }

  /** The JSON texts of open decision requests. */
  requestsThatFit(open: RunForResponse['open'], maxRequests: number): string[] {
    const texts: string[] = [];
    for (const request of open.slice(0, maxRequests)) {
      const text = JSON.stringify(toWaitingOn(request));
      if (Buffer.byteLength(text) + 1 > this.bytesLeft) break;
      this.bytesLeft -= Buffer.byteLength(text) + 1;
      texts.push(text);
    }
    if (texts.length < open.length) this.leftOut.push({ field: 'waitingOn', path: `/v1/pending?runId=${this.runId}` });
    return texts;
  }
}

function addDocuments(documents: FittedDocuments, row: RunForResponse): void {
  const { intent, intentBytes, context } = row;
  const cut = [...intent].slice(0, MIN_SHOWN_CHARACTERS).join('');
  const isWhole = Buffer.byteLength(intent) === intentBytes;
  documents.add('intent', isWhole ? JSON.stringify(intent) : null, intentBytes, JSON.stringify(cut));
  if (row.error !== null) addError(documents, row.error, row.errorBytes);
  documents.add('metadata', row.metadata, row.metadataBytes, '{}');
  if (row.outputSchemaBytes > 0) documents.add('outputSchema', row.outputSchema, row.outputSchemaBytes);
  documents.add('context', context === null ? null : JSON.stringify(context), row.contextBytes, '""');
}

// An error that was shortened when it was read is smaller than the stored one.
function addError(documents: FittedDocuments, error: string, errorBytes: number): void {
  if (Buffer.byteLength(error) < errorBytes) {
    documents.add('error', null, errorBytes, error);
    return;
  }
  const { code, message, retryable } = JSON.parse(error) as NonNullable<Run['error']>;
  const short = JSON.stringify({ code, message: message.slice(0, MIN_SHOWN_CHARACTERS).toWellFormed(), retryable });
  documents.add('error', error, errorBytes, short);
}
