import type { NewRunEvent, RunStatus, ToolCall } from '@errand/contracts';
import {
  type CallRef,
  type CallText,
  type EventDraft,
  type EventRow,
  jsonText,
  type RunScope,
  readCallTexts,
} from '@errand/db';
import type { AddLinks } from './links.ts';

export type ApprovalResult = NonNullable<ToolCall['toolResult']>['approvalResult'];

/** A call in a stored event: whole, or the ledger key of its arguments and output, with its approval if it had one. */
export type StoredCall = string | { ref: string; approval: ApprovalResult } | ToolCall;

/** A call that was too large to be read with its event. */
type LargeCall = { large: string; tool: string; approval: ApprovalResult | null; bytes: number };

/** An event in its stored form. Type, seq, run, time and calls have their own columns, so that an event without calls needs no parsing. */
export function toDraft(status: RunStatus, event: NewRunEvent, calls?: readonly StoredCall[]): EventDraft {
  const { type, ...rest } = event;
  return {
    type,
    data: jsonText({ runStatus: status, ...rest }),
    toolCalls: calls?.length ? jsonText(calls) : null,
  };
}

export const startEvent = toDraft('RUNNING', { type: 'start' });

/** The JSON text of an event without calls. */
export function textWithoutCalls(runId: string, row: EventRow): string {
  return `{"type":"${row.type}","seq":${row.seq},"runId":"${runId}","timestamp":"${row.createdAt.toISOString()}",${row.data.slice(1)}`;
}

/** A call with its text, or one to read from the ledger. @param approval as JSON text */
type Call = { text: string } | { key: string; approval: string };

/** An event as part of an answer or a frame. */
export type RenderedEvent = {
  readonly runId: string;
  readonly seq: number;
  readonly plain: string;
  readonly calls: readonly Call[];
  /** The maximum size of the event in bytes, with every call of the ledger shown by reference. */
  readonly bytes: number;
};

/** If the calls of an event exceed this size, large calls are shown by reference; reads of the log do the same. */
const MAX_CALLS_BYTES = 64 * 1024;
const MAX_CALL_BYTES = 2048;

/** Bytes of a reference without key and approval: member names, tool, path, state and times. */
const REFERENCE_BYTES = 800;

/** An event for one reader. `withCalls`: includes the calls of a step; `link` adds the links that the reader may see. */
export function render(runId: string, row: EventRow, view: { withCalls: boolean; link: AddLinks }): RenderedEvent {
  const { withCalls, link } = view;
  const plain = link(row.type, textWithoutCalls(runId, row));
  const stored: (StoredCall | LargeCall)[] = withCalls && row.toolCalls !== null ? JSON.parse(row.toolCalls) : [];
  const isShortened = row.toolCalls !== null && Buffer.byteLength(row.toolCalls) > MAX_CALLS_BYTES;
  const calls = stored.map((call) => toCall(runId, call, isShortened));
  const weights = calls.map((call) =>
    'text' in call
      ? Buffer.byteLength(call.text)
      : REFERENCE_BYTES + 2 * call.key.length + Buffer.byteLength(call.approval),
  );
  return {
    runId,
    seq: row.seq,
    plain,
    calls,
    bytes: weights.reduce((sum, each) => sum + each, Buffer.byteLength(plain)),
  };
}

function toCall(runId: string, call: StoredCall | LargeCall, isShortened: boolean): Call {
  if (typeof call === 'string') return { key: call, approval: NOT_REQUIRED };
  if ('ref' in call) return { key: call.ref, approval: JSON.stringify(call.approval) };
  if ('large' in call) return { text: referenceTo(runId, call) };
  const text = JSON.stringify(call);
  const bytes = Buffer.byteLength(text);
  if (!isShortened || bytes <= MAX_CALL_BYTES) return { text };
  const { toolCallId: large, toolName: tool, toolResult } = call;
  return { text: referenceTo(runId, { large, tool, approval: toolResult?.approvalResult ?? null, bytes }) };
}

const referenceTo = (runId: string, { large, tool, approval, bytes }: LargeCall): string =>
  reference(runId, { key: large, tool, approval: approval && JSON.stringify(approval), bytes });

/** The JSON texts of events, with whole calls in order while they fit for each run, then references. */
export async function eventTexts(
  scope: RunScope,
  events: readonly RenderedEvent[],
  bytesByRun: ReadonlyMap<string, number>,
): Promise<string[]> {
  let at = 0;
  const calls: CallText[] = await readCallTexts(scope, refsOf(events), bytesByRun);
  return events.map((event) => eventText(event, () => calls[at++]));
}

/** The calls of events with texts in the ledger, in order. */
export const refsOf = (events: readonly RenderedEvent[]): CallRef[] =>
  events.flatMap(({ runId, calls }) => calls.flatMap((call) => ('key' in call ? [{ runId, key: call.key }] : [])));

/**
 * The text of an event. `step` is always the last member, so its closing braces end the plain text.
 * @param next returns the texts of `refsOf` in order
 */
export function eventText({ runId, plain, calls }: RenderedEvent, next: () => CallText | undefined): string {
  if (calls.length === 0) return plain;
  const texts = calls.map((call) => ('text' in call ? call.text : callText(runId, call.key, call.approval, next())));
  return `${plain.slice(0, -2)},"toolCalls":[${texts.join(',')}]}}`;
}

/** The approval of a call that needed none, as JSON text. */
export const NOT_REQUIRED = JSON.stringify({ status: 'NOT_REQUIRED', text: 'No approval was required.' });

const EXPIRED_OUTPUT = JSON.stringify({ error: { code: 'expired', message: 'The output is no longer kept.' } });

/** A call of the ledger: whole, or by reference when it does not fit. @param approval as JSON text */
export function callText(runId: string, key: string, approval: string, stored: CallText | undefined): string {
  const tool = stored?.tool ?? '';
  if (stored && !stored.isRemoved && stored.args === null) return reference(runId, { ...stored, key, tool, approval });
  return `{"toolCallId":${JSON.stringify(key)},"toolName":${JSON.stringify(tool)},"toolParameters":${stored?.args ?? '{}'},"toolResult":{"approvalResult":${approval},"executionResult":${stored?.output ?? EXPIRED_OUTPUT}}${appendedFacts(stored?.facts)}${stored?.attemptTimes ? `,"attemptTimes":${stored.attemptTimes}` : ''}${stored?.request ? `,"request":${stored.request}` : ''}}`;
}

/** The members of a JSON object, to be appended to another object. */
const appendedFacts = (facts: string | null | undefined): string => (facts ? `,${facts.slice(1, -1)}` : '');

/** The reference that replaces a call. `approval`: as JSON text; null while the call has not ended. */
type Reference = { key: string; tool: string; approval: string | null; bytes: number; facts?: string | null };

function reference(runId: string, { key, tool, approval, bytes, facts }: Reference): string {
  const result = approval === null ? '' : `"toolResult":{"approvalResult":${approval}},`;
  return `{"toolCallId":${JSON.stringify(key)},"toolName":${JSON.stringify(tool)},${result}"leftOut":{"bytes":${bytes},"path":"/v1/runs/${runId}/calls/${key}"}${appendedFacts(facts)}}`;
}
