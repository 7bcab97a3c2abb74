import type { NewRunEvent, RunEvent, RunStatus, ToolCall } from '@errand/contracts';
import { type EventDraft, type EventRow, jsonText } from '@errand/db';

/** What is said of a call's approval where the call is shown. */
export type ApprovalResult = NonNullable<ToolCall['toolResult']>['approvalResult'];

/** A tool call inside a stored event: the whole of it, or the ledger key under which its arguments and output stand, with its approval. */
export type StoredCall = string | { ref: string; approval: ApprovalResult } | ToolCall;

/** What a finished call's output is read from when an event is shown with its tool calls. */
export type CallTexts = ReadonlyMap<string, { tool: string; args: string | null; output: string | null }>;

/**
 * An event as it is stored: type, seq, run and time stand in columns, and the step's tool calls apart, so that the plain
 * view of an event is put together without parsing anything.
 */
export function toDraft(status: RunStatus, event: NewRunEvent, calls?: readonly StoredCall[]): EventDraft {
  const { type, ...rest } = event;
  return {
    type,
    data: jsonText({ runStatus: status, ...rest }),
    toolCalls: calls?.length ? jsonText(calls) : null,
  };
}

/** The bytes of an event without tool calls. */
export function plainText(runId: string, row: EventRow): string {
  return `{"type":"${row.type}","seq":${row.seq},"runId":"${runId}","timestamp":"${row.createdAt.toISOString()}",${row.data.slice(1)}`;
}

/** The bytes of an event with its tool calls. `step` is always written last, hence its closing braces end the text. */
export function fullText(runId: string, row: EventRow, texts: CallTexts): string {
  const plain = plainText(runId, row);
  if (row.toolCalls === null) return plain;
  const calls = (JSON.parse(row.toolCalls) as StoredCall[]).map((call) => callText(call, texts));
  return `${plain.slice(0, -2)},"toolCalls":[${calls.join(',')}]}}`;
}

/** Ledger keys that the tool calls of some events refer to. */
export function referredKeys(rows: readonly EventRow[]): string[] {
  return rows.flatMap((row) =>
    row.toolCalls === null ? [] : (JSON.parse(row.toolCalls) as StoredCall[]).flatMap((call) => refOf(call) ?? []),
  );
}

const notRequired = JSON.stringify({ status: 'NOT_REQUIRED', text: 'No approval was required.' });

const expired = JSON.stringify({ error: { code: 'expired', message: 'The output is no longer kept.' } });

const refOf = (call: StoredCall): string | undefined =>
  typeof call === 'string' ? call : 'ref' in call ? call.ref : undefined;

function callText(call: StoredCall, texts: CallTexts): string {
  const ref = refOf(call);
  if (ref === undefined) return JSON.stringify(call);
  const approval = typeof call === 'object' && 'ref' in call ? JSON.stringify(call.approval) : notRequired;
  const text = texts.get(ref);
  const result = text?.output ?? expired;
  return `{"toolCallId":${JSON.stringify(ref)},"toolName":${JSON.stringify(text?.tool ?? '')},"toolParameters":${text?.args ?? '{}'},"toolResult":{"approvalResult":${approval},"executionResult":${result}}}`;
}

/** An event as an object. */
export const toEvent = (text: string): RunEvent => JSON.parse(text) as RunEvent;
