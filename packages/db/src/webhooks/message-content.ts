import { OPEN_COLUMNS, type OpenDecisionRequest, toOpenRequests } from '../runs/decision-requests.ts';
import type { RunFields } from '../runs/row.ts';

/** Maximum bytes of event texts, and of metadata, in a message. */
const MAX_EVENT_BYTES = 32_768;
const MAX_METADATA = 8192;
const MAX_INTENT_LENGTH = 1000;

export type MessageRun = Pick<
  RunFields,
  | 'runId'
  | 'status'
  | 'userId'
  | 'createdAt'
  | 'steps'
  | 'toolCalls'
  | 'inputTokens'
  | 'cachedInputTokens'
  | 'outputTokens'
  | 'cost'
  | 'costCurrency'
  | 'activeMs'
> & {
  intent: string;
  /** Null if it is too large. */
  metadata: Record<string, string> | null;
  endedAt: Date | null;
  resultBytes: number | null;
  error: object | null;
  summary: string | null;
  open: OpenDecisionRequest[];
};

export type MessageContent = {
  type: string;
  createdAt: Date;
  /** The payload of a message that is not about a run. */
  data: object | null;
  /** Null also if the run was removed meanwhile. */
  run: MessageRun | null;
  /** The event of the run; `text` is JSON, null if it is too large. */
  event: { seq: number; type: string; text: string | null; createdAt: Date } | null;
};

export type MessageRow = Omit<MessageContent, 'run' | 'event'> &
  Omit<MessageRun, 'runId' | 'createdAt' | 'open'> & {
    runId: string | null;
    runCreatedAt: Date;
    seq: number | null;
    eventType: string | null;
    text: string | null;
    eventAt: Date | null;
    requests: OpenDecisionRequest[] | null;
  };

/** SQL of the message of a delivery `d`, with the joins of `MESSAGE_FROM`. */
export const MESSAGE_COLUMNS = `d.type, d.created_at AS "createdAt", d.data,
    run.run_id AS "runId", run.status, run.user_id AS "userId", run.steps, run.tool_calls AS "toolCalls", run.input_tokens AS "inputTokens",
    run.cached_input_tokens AS "cachedInputTokens", run.output_tokens AS "outputTokens", run.cost, run.cost_currency AS "costCurrency",
    run.active_ms AS "activeMs", left(run.intent, ${MAX_INTENT_LENGTH}) AS intent,
    CASE WHEN octet_length(run.metadata::text) <= ${MAX_METADATA} THEN run.metadata END AS metadata, run.ended_at AS "endedAt",
    run.result_bytes AS "resultBytes", run.error, run.summary, run.created_at AS "runCreatedAt",
    waiting.requests,
    e.seq, e.type AS "eventType", CASE WHEN octet_length(e.data::text) <= ${MAX_EVENT_BYTES} THEN e.data::text END AS text, e.created_at AS "eventAt"`;

/** SQL that joins the run and the event of a delivery `d` without a body. */
export const MESSAGE_FROM = `LEFT JOIN LATERAL (SELECT d.type, d.data) AS message ON true
  LEFT JOIN run ON d.body IS NULL AND run.workspace_id = d.workspace_id AND run.run_id = d.run_id
  LEFT JOIN run_event e ON d.body IS NULL AND e.workspace_id = d.workspace_id AND e.run_id = d.run_id AND e.seq = d.seq
  LEFT JOIN LATERAL (SELECT json_agg(request) AS requests FROM (SELECT ${OPEN_COLUMNS} FROM decision_request AS d
    WHERE d.workspace_id = run.workspace_id AND d.run_id = run.run_id AND message.data->'requests' ? d.decision_request_id::text
    ORDER BY d.decision_request_id) AS request) AS waiting ON message.type = 'run.waiting'`;

/** The state of a run at the time of its message. */
type RunState = Pick<MessageRun, 'status' | 'steps'>;

export function toMessage({ type, createdAt, data, runId, seq, ...row }: MessageRow): MessageContent {
  const state = type.startsWith('run.') ? (data as RunState | null) : null;
  const open = toOpenRequests(row.requests);
  return {
    type,
    createdAt,
    data: state ? null : data,
    run: runId === null ? null : { ...row, ...state, runId, createdAt: row.runCreatedAt, open },
    event: seq === null ? null : { seq, type: row.eventType!, text: row.text, createdAt: row.eventAt! },
  };
}
