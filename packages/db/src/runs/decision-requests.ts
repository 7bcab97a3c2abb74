import {
  type Choice,
  type DecidedRun,
  identityOf,
  type Json,
  type JsonSchema,
  type Principal,
} from '@errand/contracts';
import { NOT_HELD } from '../restores/hold.ts';
import { type Columns, numbered, valuesOf } from '../statements/columns.ts';
import { allRows, queryRow, queryRows, type RunScope } from '../statements/scope.ts';
import type { EventDraft } from './events.ts';
import { jsonOrNull, jsonText } from './json.ts';
import { type ClaimingWorker, type DueRun, HAS_LIMIT, SUSPECT_DEATHS } from './queue/claimed-run.ts';
import { RUN_COLUMNS, type RunRow } from './row.ts';

export type DecisionKind = 'plan_approval' | 'tool_approval' | 'consent' | 'effect' | 'question' | 'input';

export type NewDecisionRequest = {
  decisionRequestId: string;
  userId: string;
  kind: DecisionKind;
  /** The subject: a ledger key, an integration id or the hash of a plan. A run has one open request for each kind and key. */
  key: string;
  stepId: string | null;
  customerIntegrationId: string | null;
  tool: string | null;
  args: Json | null;
  sha256: string | null;
  text: string;
  /** The question with its arguments, their names and origins. */
  words: Json | null;
  /** The sealed state that the service receives with the answer to its question. */
  sealedState?: Uint8Array;
  /** In database time; null: never. */
  expiresAt: Date | null;
};

export type Decision = 'approve' | 'deny' | 'retry' | 'happened' | 'skip' | 'answer' | 'void';

export type DecisionRequest = NewDecisionRequest & {
  runId: string;
  createdAt: Date;
  /** Open, but past its expiry: it can no longer be decided. */
  expired: boolean;
  decidedAt: Date | null;
  decision: Decision | null;
  decidedBy: string | null;
  reason: string | null;
  decidedArgs: Json | null;
  output: Json | null;
  /** Distinguishes a null output from none. */
  hasOutput: boolean;
};

const COLUMNS = `d.decision_request_id AS "decisionRequestId", d.run_id AS "runId", d.user_id AS "userId", d.kind, d.key, d.step_id AS "stepId",
  d.customer_integration_id AS "customerIntegrationId", d.tool, d.args, d.sha256, d.text, d.words, d.created_at AS "createdAt",
  d.expires_at AS "expiresAt", d.decided_at AS "decidedAt", d.decision, d.decided_by AS "decidedBy", d.reason,
  d.decided_args AS "decidedArgs", d.output, d.output IS NOT NULL AS "hasOutput",
  d.decided_at IS NULL AND coalesce(d.expires_at <= clock_timestamp(), false) AS expired`;

/**
 * SQL that inserts decision requests, except for those that are already open.
 * @param run a FROM item with workspace_id and run_id @param requests the requests, as JSON
 */
export const requestInsert = (run: string, requests: string): string => `
  INSERT INTO decision_request (workspace_id, run_id, decision_request_id, user_id, kind, key, step_id, customer_integration_id, tool, args, sha256, text, words,
    sealed_state, created_at, expires_at)
  SELECT r.workspace_id, r.run_id, q."decisionRequestId", q."userId", q.kind, q.key, q."stepId", q."customerIntegrationId", q.tool, q.args, q.sha256,
    q.text, q.words, decode(q."sealedState", 'base64'), clock_timestamp(), q."expiresAt"
  FROM ${run} AS r, json_to_recordset(${requests}::json) AS q("decisionRequestId" uuid, "userId" text, kind text, key text, "stepId" text,
    "customerIntegrationId" text, tool text, args json, sha256 text, text text, words json, "sealedState" text, "expiresAt" timestamptz)
  ON CONFLICT (workspace_id, run_id, kind, key) WHERE decided_at IS NULL DO NOTHING`;

export const requestsText = (requests: readonly NewDecisionRequest[]): string =>
  jsonText(
    requests.map(({ sealedState, ...request }) => ({
      ...request,
      ...(sealedState && { sealedState: Buffer.from(sealedState).toString('base64') }),
    })),
  );

export async function readSealedState(scope: RunScope, decisionRequestId: string): Promise<Uint8Array | null> {
  const row = await queryRow<{ sealed: Uint8Array | null }>(scope, {
    name: 'decision_request_state',
    text: 'SELECT sealed_state AS sealed FROM decision_request WHERE workspace_id = $1 AND decision_request_id = $2',
    values: [decisionRequestId],
  });
  return row?.sealed ?? null;
}

export const readDecisionRequests = (scope: RunScope, runId: string): Promise<DecisionRequest[]> =>
  queryRows<DecisionRequest>(scope, {
    name: 'decision_request_read',
    text: `SELECT ${COLUMNS} FROM decision_request d WHERE d.workspace_id = $1 AND d.run_id = $2 ORDER BY d.decision_request_id`,
    values: [runId],
  });

/** A decision request in lists: without its arguments, but with the choices or form of a question. */
export type OpenDecisionRequest = Pick<
  DecisionRequest,
  'decisionRequestId' | 'runId' | 'userId' | 'kind' | 'customerIntegrationId' | 'text' | 'createdAt' | 'expiresAt'
> & { choices: Choice[] | null; requestedSchema: JsonSchema | null };

export const OPEN_COLUMNS = `d.decision_request_id AS "decisionRequestId", d.run_id AS "runId", d.user_id AS "userId", d.kind,
  d.customer_integration_id AS "customerIntegrationId", d.text, d.created_at AS "createdAt", d.expires_at AS "expiresAt",
  CASE WHEN d.kind = 'question' THEN d.args->'choices' END AS choices,
  CASE WHEN d.kind = 'question' THEN d.args->'requestedSchema' END AS "requestedSchema"`;

/** SQL of the open decision requests of `run`, oldest first, as JSON; null for none. @param limit the maximum number, as SQL */
export const openRequestsOf = (limit: string): string =>
  `CASE WHEN run.ended_at IS NULL THEN (SELECT json_agg(d) FROM (SELECT ${OPEN_COLUMNS} FROM decision_request d
    WHERE d.workspace_id = run.workspace_id AND d.run_id = run.run_id AND d.decided_at IS NULL
    ORDER BY d.decision_request_id LIMIT ${limit}) AS d) END`;

/** Parses the dates of `openRequestsOf`. */
export const toOpenRequests = (rows: OpenDecisionRequest[] | null): OpenDecisionRequest[] =>
  (rows ?? []).map((row) => ({
    ...row,
    createdAt: new Date(row.createdAt),
    expiresAt: row.expiresAt && new Date(row.expiresAt),
  }));

export async function hasOpenDecisionRequest(scope: RunScope, runId: string): Promise<boolean> {
  const rows = await queryRows<object>(scope, {
    name: 'decision_request_open',
    text: 'SELECT 1 FROM decision_request WHERE workspace_id = $1 AND run_id = $2 AND decided_at IS NULL LIMIT 1',
    values: [runId],
  });
  return rows.length > 0;
}

export type FoundDecisionRequest = DecisionRequest & DecidedRun & { intent: string; redirectUri: string | null };

export const findDecisionRequest = (scope: RunScope, decisionRequestId: string): Promise<FoundDecisionRequest | null> =>
  queryRow<FoundDecisionRequest>(scope, {
    name: 'decision_request_find',
    text: `SELECT ${COLUMNS}, run.intent, run.requested_by AS "requestedBy", run.approvers, run.redirect_uri AS "redirectUri" FROM decision_request d
      JOIN run ON run.workspace_id = d.workspace_id AND run.run_id = d.run_id WHERE d.workspace_id = $1 AND d.decision_request_id = $2`,
    values: [decisionRequestId],
  });

export type NewDecision = {
  decision: Decision;
  /** The principal that decides; null for an expiry. */
  by: Principal | null;
  reason: string | null;
  args?: Json;
  output?: Json;
  /** Whether the request must have expired: it is decided only if the database agrees. */
  requestExpired: boolean;
  kinds: readonly DecisionKind[];
};

/** The decided request, with the number of its last event and their time; null if no open request of these kinds has the id. */
export type Decided = (DueRun & { request: DecisionRequest; seq: number; createdAt: Date }) | null;

type DecideInput = {
  decisionRequestId: string;
  decision: NewDecision;
  events: readonly EventDraft[];
  claimant: ClaimingWorker | null;
};

/** The user token by which a principal decides. */
const userTokenOf = (by: Principal | null): string | null =>
  (by && 'userToken' in by ? by.userToken?.userTokenId : undefined) ?? null;

const DECIDE = {
  decision_request_id: { type: 'uuid', value: (input) => input.decisionRequestId },
  decision: { type: 'text', value: ({ decision }) => decision.decision },
  by: { type: 'text', value: ({ decision }) => decision.by?.label ?? null },
  principal: { type: 'text', value: ({ decision }) => decision.by && identityOf(decision.by) },
  user_token: { type: 'uuid', value: ({ decision }) => userTokenOf(decision.by) },
  key: { type: 'uuid', value: ({ decision }) => rotatedKeyOf(decision.by) },
  approver: { type: 'jsonb', value: ({ decision }) => approverOf(decision.by) },
  reason: { type: 'text', value: ({ decision }) => decision.reason },
  args: { type: 'json', value: ({ decision }) => jsonOrNull(decision.args) },
  output: { type: 'json', value: ({ decision }) => jsonOrNull(decision.output) },
  request_expired: { type: 'bool', value: ({ decision }) => decision.requestExpired },
  kinds: { type: 'text[]', value: ({ decision }) => decision.kinds },
  event_types: { type: 'text[]', value: ({ events }) => events.map(({ type }) => type) },
  event_data: { type: 'text[]', value: ({ events }) => events.map(({ data }) => data) },
  worker: { type: 'text', value: ({ claimant }) => claimant?.worker ?? null },
} satisfies Columns<DecideInput>;

const { of: decide } = numbered(DECIDE);

/** The kinds of requests that only approvers decide, if the run names them. */
const FOR_APPROVERS = `'plan_approval', 'tool_approval', 'effect'`;

/** The key that was used, unless it is the first of its chain. */
const rotatedKeyOf = (by: Principal | null): string | null =>
  by && 'apiKeyId' in by && by.apiKeyId !== by.id ? by.apiKeyId : null;

/** The decider as `run.approvers` contains it; null for an expiry. */
const approverOf = (by: Principal | null): string | null => by && JSON.stringify([{ type: by.kind, id: by.id }]);

const CAN_CLAIM = `${decide.worker} IS NOT NULL AND run.lease IS NULL AND run.deaths < ${SUSPECT_DEATHS} AND NOT ${HAS_LIMIT}`;

/** `run.due` of a claimed run, and of one that comes before those that have had no turn yet. */
const [CLAIMED, DUE_AT_ONCE] = [0, 2] as const;

const OPEN_STATUS = `('RUNNING', 'PAUSED', 'AUTH_REQUIRED')`;

const DECIDE_TEXT = `
WITH decided AS (
  UPDATE decision_request SET decided_at = clock_timestamp(), decision = ${decide.decision}, decided_by = ${decide.by},
    decided_principal = ${decide.principal}, decided_key = ${decide.key}, decided_user_token = ${decide.user_token}, reason = ${decide.reason},
    decided_args = ${decide.args}, output = ${decide.output}
  WHERE workspace_id = $1 AND decision_request_id = ${decide.decision_request_id} AND decided_at IS NULL
    AND coalesce(expires_at <= clock_timestamp(), false) = ${decide.request_expired} AND kind = ANY(${decide.kinds})
    AND (${decide.approver} IS NULL OR kind NOT IN (${FOR_APPROVERS}) OR NOT EXISTS (SELECT FROM run r WHERE r.workspace_id = $1
      AND r.run_id = decision_request.run_id AND r.approvers IS NOT NULL AND NOT r.approvers @> ${decide.approver}))
  RETURNING *
), moved AS (
  UPDATE run SET status = 'RUNNING', seq = seq + cardinality(${decide.event_types}), updated_at = clock_timestamp(), not_before = NULL,
    due = CASE WHEN ${CAN_CLAIM} THEN ${CLAIMED} ELSE ${DUE_AT_ONCE} END, lease = CASE WHEN ${CAN_CLAIM} THEN ${decide.worker} ELSE run.lease END,
    epoch = run.epoch + CASE WHEN ${CAN_CLAIM} THEN 1 ELSE 0 END FROM decided
  WHERE run.workspace_id = $1 AND run.run_id = decided.run_id AND run.status IN ${OPEN_STATUS}
  RETURNING run.*
), appended AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, created_at)
  SELECT $1, moved.run_id, moved.seq - cardinality(${decide.event_types}) + e.i, e.type, (CASE WHEN e.type = 'run_action' AND d.step_id IS NOT NULL
    THEN left(e.data, -1) || ',"stepId":' || to_json(d.step_id)::text || '}' ELSE e.data END)::json, moved.updated_at
  FROM moved JOIN decided AS d USING (run_id), unnest(${decide.event_types}, ${decide.event_data}) WITH ORDINALITY AS e(type, data, i)
)
SELECT ${RUN_COLUMNS}, ${COLUMNS}, run.due = ${CLAIMED} AS "isClaimed", run.created_at AS "runCreatedAt"
FROM moved AS run JOIN decided AS d USING (run_id)`;

/** An event of a decision as it is stored: the statement adds the step of an approval. */
export const withStep = (
  { type, data, toolCalls }: EventDraft,
  { stepId }: Pick<DecisionRequest, 'stepId'>,
): EventDraft =>
  type === 'run_action' && stepId !== null
    ? { type, data: `${data.slice(0, -1)},"stepId":${JSON.stringify(stepId)}}`, toolCalls }
    : { type, data, toolCalls };

/**
 * Decides a request once. One statement stores the decision and its events and makes the run due immediately. A worker that
 * executes the run checks for decisions before it suspends it. Requests are always locked before their run.
 * @param claimant claims an unclaimed run in the same statement, even if its workspace has no free slot, unless the workspace has a limit
 */
export async function decideRequest(
  scope: RunScope,
  decisionRequestId: string,
  { decision, events }: { decision: NewDecision; events: readonly EventDraft[] },
  claimant: ClaimingWorker | null = null,
): Promise<Decided> {
  const decided = await queryRow<RunRow & DecisionRequest & { isClaimed: boolean; runCreatedAt: Date }>(scope, {
    name: 'decision_request_decide',
    text: DECIDE_TEXT,
    values: valuesOf(DECIDE, { decisionRequestId, decision, events, claimant }),
  });
  if (!decided) return null;
  const { isClaimed, runCreatedAt, ...row } = decided;
  const { runId, seq, updatedAt: createdAt } = row;
  const run = { ...row, createdAt: runCreatedAt };
  return { request: row, runId, seq, createdAt, claimed: isClaimed ? { run, exceedsSlots: true, plan: null } : null };
}

/** Reads open consent requests for one integration and one user; for all users if `userId` is null. */
export const readOpenConsentRequests = (
  scope: RunScope,
  customerIntegrationId: string,
  userId: string | null,
): Promise<DecisionRequest[]> =>
  queryRows<DecisionRequest>(scope, {
    name: `decision_request_consents${userId === null ? '' : '_u'}`,
    text: `SELECT ${COLUMNS} FROM decision_request d WHERE d.workspace_id = $1 AND d.customer_integration_id = $2
      ${userId === null ? '' : 'AND d.user_id = $3'} AND d.kind = 'consent' AND d.decided_at IS NULL ORDER BY d.decision_request_id`,
    values: [customerIntegrationId, ...(userId === null ? [] : [userId])],
  });

/** Voids the open requests of a run that ends. Call it before the run is locked. */
export async function voidDecisionRequests(scope: RunScope, runId: string): Promise<void> {
  await scope.pool.query({
    name: 'decision_request_void',
    // The same lock order as in the transition that ends a run.
    text: `WITH open AS MATERIALIZED (
        SELECT d.decision_request_id FROM decision_request d WHERE d.workspace_id = $1 AND d.run_id = $2 AND d.decided_at IS NULL
        ORDER BY d.decision_request_id FOR UPDATE
      ) UPDATE decision_request d SET decided_at = clock_timestamp(), decision = 'void' FROM open
      WHERE d.workspace_id = $1 AND d.decision_request_id = open.decision_request_id AND d.decided_at IS NULL`,
    values: [scope.workspaceId, runId],
  });
}

export type ExpiringRun = { workspaceId: string; runId: string };

/** Reads suspended runs of all workspaces with a possibly expired decision request, in database time. */
export const readExpiringRuns = (pool: RunScope['pool'], limit: number): Promise<ExpiringRun[]> =>
  allRows<ExpiringRun>(pool, {
    name: 'decision_request_runs',
    text: `SELECT run.workspace_id AS "workspaceId", run.run_id AS "runId" FROM run
      WHERE run.not_before <= statement_timestamp() AND run.status IN ('PAUSED', 'AUTH_REQUIRED')
        AND ${NOT_HELD} ORDER BY run.not_before LIMIT $1`,
    values: [limit],
  });

/** Sets the time at which a suspended run is checked again: when its next open request expires, or in an hour if none does. */
export async function postponeToNextExpiry(scope: RunScope, runId: string): Promise<void> {
  await queryRows(scope, {
    name: 'decision_request_expiry',
    text: `UPDATE run SET not_before = coalesce((SELECT min(d.expires_at) FROM decision_request d
        WHERE d.workspace_id = $1 AND d.run_id = $2 AND d.decided_at IS NULL), clock_timestamp() + interval '1 hour')
      WHERE workspace_id = $1 AND run_id = $2 AND status IN ('PAUSED', 'AUTH_REQUIRED')`,
    values: [runId],
  });
}
