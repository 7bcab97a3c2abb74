import type { Pool, PoolClient } from 'pg';
import { type OpenDecisionRequest, openRequestsOf, toOpenRequests } from '../runs/decision-requests.ts';
import type { RunFields } from '../runs/row.ts';
import { withTransaction } from '../runs/scope.ts';

/** Texts of events, and metadata, that are larger are left out of a message; in bytes. */
const MAX_EVENT = 32_768;
const MAX_METADATA = 8192;
/** Characters of an intent that are told. */
const MAX_INTENT = 1000;
const MAX_REQUESTS = 10;

/** What of a run is told. */
export type ToldRun = Pick<
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
  /** Null when it is too large. */
  metadata: Record<string, string> | null;
  endedAt: Date | null;
  resultBytes: number | null;
  error: object | null;
  summary: string | null;
  open: OpenDecisionRequest[];
};

/** A message without a body. */
export type OutboxMessage = {
  workspaceId: string;
  messageId: string;
  type: string;
  createdAt: Date;
  /** Of an event that is none of a run. */
  data: object | null;
  /** Null also when the run was removed meanwhile. */
  run: ToldRun | null;
  /** The event of the run; `text` is JSON, null when it is too large. */
  event: { seq: number; type: string; text: string | null; createdAt: Date } | null;
};

type Row = Omit<OutboxMessage, 'run' | 'event'> &
  Omit<ToldRun, 'runId' | 'createdAt' | 'open'> & {
    runId: string | null;
    runCreatedAt: Date;
    seq: number | null;
    eventType: string | null;
    text: string | null;
    eventAt: Date | null;
    requests: OpenDecisionRequest[] | null;
  };

const TAKE = `SELECT m.workspace_id AS "workspaceId", m.message_id AS "messageId", m.type, m.created_at AS "createdAt", m.data,
    run.run_id AS "runId", run.status, run.user_id AS "userId", run.steps, run.tool_calls AS "toolCalls", run.input_tokens AS "inputTokens",
    run.cached_input_tokens AS "cachedInputTokens", run.output_tokens AS "outputTokens", run.cost, run.cost_currency AS "costCurrency",
    run.active_ms AS "activeMs", left(run.intent, ${MAX_INTENT}) AS intent,
    CASE WHEN octet_length(run.metadata::text) <= ${MAX_METADATA} THEN run.metadata END AS metadata, run.ended_at AS "endedAt",
    run.result_bytes AS "resultBytes", run.error, run.summary, run.created_at AS "runCreatedAt",
    CASE WHEN m.type = 'run.waiting' THEN ${openRequestsOf(String(MAX_REQUESTS))} END AS requests,
    e.seq, e.type AS "eventType", CASE WHEN octet_length(e.data::text) <= ${MAX_EVENT} THEN e.data::text END AS text, e.created_at AS "eventAt"
  FROM webhook_message m
  LEFT JOIN run ON run.workspace_id = m.workspace_id AND run.run_id = m.run_id
  LEFT JOIN run_event e ON e.workspace_id = m.workspace_id AND e.run_id = m.run_id AND e.seq = m.seq
  WHERE m.body IS NULL ORDER BY m.message_id LIMIT $1 FOR UPDATE OF m SKIP LOCKED`;

// A webhook that was switched off meanwhile is told nothing. A message that nobody wants any more is kept with its body until it is removed by age.
const TELL = `WITH told AS (
    UPDATE webhook_message m SET body = t.body FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t(workspace_id, message_id, body)
    WHERE m.workspace_id = t.workspace_id AND m.message_id = t.message_id RETURNING m.workspace_id, m.message_id, m.type
  )
  INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, message_id, next_attempt_at)
  SELECT told.workspace_id, errand_audit.new_id(), w.webhook_id, told.message_id, clock_timestamp()
  FROM told JOIN webhook w ON w.workspace_id = told.workspace_id AND w.active AND w.events && ARRAY[told.type, '*']
  ON CONFLICT (workspace_id, message_id, webhook_id) DO NOTHING`;

/**
 * Makes deliveries of messages that have none yet, in one transaction. Any number of processes may do so at once.
 * @param bodyOf the body to post
 * @returns the number of messages
 */
export const relayMessages = (pool: Pool, limit: number, bodyOf: (message: OutboxMessage) => string): Promise<number> =>
  withTransaction(pool, async (client) => {
    const messages = await take(client, limit);
    if (messages.length === 0) return 0;
    await client.query({
      name: 'webhook_tell',
      text: TELL,
      values: [
        messages.map(({ workspaceId }) => workspaceId),
        messages.map(({ messageId }) => messageId),
        messages.map(bodyOf),
      ],
    });
    return messages.length;
  });

async function take(client: PoolClient, limit: number): Promise<OutboxMessage[]> {
  const { rows } = await client.query<Row>({ name: 'webhook_outbox', text: TAKE, values: [limit] });
  return rows.map(({ workspaceId, messageId, type, createdAt, data, runId, seq, ...row }) => ({
    ...{ workspaceId, messageId, type, createdAt, data },
    run: runId === null ? null : { ...row, runId, createdAt: row.runCreatedAt, open: toOpenRequests(row.requests) },
    event: seq === null ? null : { seq, type: row.eventType!, text: row.text, createdAt: row.eventAt! },
  }));
}
