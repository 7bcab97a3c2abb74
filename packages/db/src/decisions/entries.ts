import type { CallInWords, Json, JsonSchema, Plan, PlanInWords, StoredApprover } from '@errand/contracts';
import { REQUEST_PATH } from '../runs/calls.ts';
import type { DecisionKind, OpenDecisionRequest } from '../runs/decision-requests.ts';
import { OPEN_COLUMNS } from '../runs/decision-requests.ts';
import { queryRows, type RunScope } from '../statements/scope.ts';

/** A decision request with its run, tool and integration. A document that exceeds the byte limit is null, but its size is set. */
export type EntryRow = OpenDecisionRequest & {
  intent: string;
  requestedBy: string | null;
  requestedLabel: string | null;
  approvers: StoredApprover[] | null;
  sha256: string | null;
  tool: string | null;
  args: Json | null;
  plan: Plan | null;
  goal: string | null;
  /** Null, too, for arguments that were edited. */
  words: CallInWords | PlanInWords | null;
  /** The number of calls in an approval; null for a single call. */
  calls: number | null;
  inputSchema: JsonSchema | null;
  /** The form that a service requests during a call. */
  form: { requestedSchema: JsonSchema } | { openUrl: string } | null;
  operation: string | null;
  title: string | null;
  effect: 'read' | 'write' | null;
  method: string | null;
  path: string | null;
  integrationName: string | null;
  logoUrl: string | null;
  host: string | null;
  intentBytes: number;
  argsBytes: number;
  wordsBytes: number;
  schemaBytes: number;
  decidedAt: Date | null;
  decision: string | null;
  decidedBy: string | null;
  reason: string | null;
  expired: boolean;
};

const MIN_INTENT = 200;
const MAX_LOGO = 16_384;

// Each document counts with all before it, so that at most `maxBytes` are read.
const SIZES = `CROSS JOIN LATERAL (SELECT octet_length(run.intent) AS intent,
    coalesce(octet_length(coalesce(d.decided_args, d.args)::text), 0) AS args, coalesce(octet_length(d.words::text), 0) AS words,
    coalesce(octet_length(t.input_schema::text), 0) AS schema) AS b`;
const fitsWithin = (maxBytes: string, ...documents: string[]): string =>
  `${documents.map((each) => `b.${each}`).join(' + ')} <= ${maxBytes}`;

// The id of a deleted integration may belong to a newer one.
export const ENTRY_SOURCES = `JOIN run ON run.workspace_id = d.workspace_id AND run.run_id = d.run_id
  LEFT JOIN integration i ON i.workspace_id = d.workspace_id AND i.customer_integration_id = d.customer_integration_id
    AND i.created_at <= run.created_at
  LEFT JOIN tool t ON t.workspace_id = i.workspace_id AND t.customer_integration_id = i.customer_integration_id
    AND t.operation = split_part(d.tool, '.', 2)
  ${SIZES}`;

export const entryColumns = (
  maxBytes: string,
): string => `${OPEN_COLUMNS}, run.requested_by AS "requestedBy", run.requested_label AS "requestedLabel", run.approvers, d.sha256, d.tool,
  CASE WHEN ${fitsWithin(maxBytes, 'intent')} THEN run.intent ELSE left(run.intent, ${MIN_INTENT}) END AS intent,
  CASE WHEN d.kind IN ('tool_approval', 'effect') AND ${fitsWithin(maxBytes, 'intent', 'args')} THEN coalesce(d.decided_args, d.args) END AS args,
  CASE WHEN d.kind = 'plan_approval' AND ${fitsWithin(maxBytes, 'intent', 'args')} THEN d.args END AS plan,
  CASE WHEN d.kind = 'plan_approval' THEN left(d.words->>'goal', 400) END AS goal,
  CASE WHEN d.kind = 'input' AND ${fitsWithin(maxBytes, 'intent', 'args')} THEN d.args->'form' END AS form,
  CASE WHEN d.kind IN ('plan_approval', 'tool_approval', 'effect') AND d.decided_args IS NULL AND ${fitsWithin(maxBytes, 'intent', 'args', 'words')}
    THEN d.words END AS words,
  CASE WHEN d.kind = 'tool_approval' AND json_typeof(d.args) = 'array' THEN json_array_length(d.args) END AS calls,
  CASE WHEN ${fitsWithin(maxBytes, 'intent', 'args', 'words', 'schema')} THEN t.input_schema END AS "inputSchema",
  t.operation, t.summary AS title, t.effect, t.method, ${REQUEST_PATH} AS path,
  i.name AS "integrationName", CASE WHEN octet_length(i.logo_url) <= ${MAX_LOGO} THEN i.logo_url END AS "logoUrl", i.host,
  b.intent AS "intentBytes", b.args AS "argsBytes", b.words AS "wordsBytes", b.schema AS "schemaBytes",
  d.decided_at AS "decidedAt", d.decision, d.decided_by AS "decidedBy", d.reason,
  d.decided_at IS NULL AND coalesce(d.expires_at <= clock_timestamp(), false) AS expired`;

export type EntryFilter = {
  kinds?: readonly DecisionKind[];
  userId?: string;
  customerIntegrationId?: string;
  runId?: string;
  /** Only requests of these runs; for user tokens. */
  runIds?: readonly string[] | undefined;
  /** Only requests of runs that selected no other integrations; for user tokens. */
  onlyIntegrations?: readonly string[] | undefined;
};

// The conditions of a filter, with parameters from $2 on.
function conditions({ kinds, userId, customerIntegrationId, runId, runIds, onlyIntegrations }: EntryFilter) {
  const where = [
    `d.workspace_id = $1 AND d.decided_at IS NULL AND ($2::text[] IS NULL OR d.kind = ANY($2)) AND ($3::text IS NULL OR d.user_id = $3)
      AND ($4::text IS NULL OR d.customer_integration_id = $4)`,
  ];
  const values: unknown[] = [kinds ?? null, userId ?? null, customerIntegrationId ?? null];
  let name = '';
  const addCondition = (key: string, sql: (n: number) => string, value: unknown) => {
    if (value === undefined) return;
    where.push(sql(values.push(value) + 1));
    name += key;
  };
  addCondition('_r', (n) => `d.run_id = $${n}::uuid`, runId);
  addCondition('_rs', (n) => `d.run_id = ANY($${n}::uuid[])`, runIds);
  addCondition(
    '_i',
    (n) => `EXISTS (SELECT FROM run WHERE run.workspace_id = d.workspace_id AND run.run_id = d.run_id
    AND run.selected <@ $${n}::text[])`,
    onlyIntegrations,
  );
  return { name, where: where.join(' AND '), values };
}

/**
 * Reads open decision requests of a workspace, newest first.
 * @param page `before`: only smaller ids; `maxBytes`: bytes of documents to read for each entry
 */
export async function readEntries(
  scope: RunScope,
  filter: EntryFilter,
  { before, limit, maxBytes }: { before?: string; limit: number; maxBytes: number },
): Promise<EntryRow[]> {
  const { name, where, values } = conditions(filter);
  const n = values.length + 2;
  return queryRows<EntryRow>(scope, {
    name: `entries_read${name}`,
    text: `SELECT ${entryColumns(`$${n}::int`)} FROM (SELECT d.* FROM decision_request d WHERE ${where}
        AND ($${n + 1}::uuid IS NULL OR d.decision_request_id < $${n + 1}) ORDER BY d.decision_request_id DESC LIMIT $${n + 2}) AS d
      ${ENTRY_SOURCES} ORDER BY d.decision_request_id DESC`,
    values: [...values, maxBytes, before ?? null, limit],
  });
}

/** Reads decision requests by id, open or decided. @param maxBytes bytes of documents to read for each entry */
export const readEntriesOf = (scope: RunScope, ids: readonly string[], maxBytes: number): Promise<EntryRow[]> =>
  queryRows<EntryRow>(scope, {
    name: 'entries_of',
    text: `SELECT ${entryColumns('$3::int')} FROM decision_request d ${ENTRY_SOURCES} WHERE d.workspace_id = $1 AND d.decision_request_id = ANY($2::uuid[])
      ORDER BY d.decision_request_id DESC`,
    values: [ids, maxBytes],
  });

export async function readOpenIds(scope: RunScope, filter: EntryFilter, limit: number): Promise<string[]> {
  const { name, where, values } = conditions(filter);
  const rows = await queryRows<{ id: string }>(scope, {
    name: `entries_open${name}`,
    text: `SELECT d.decision_request_id AS id FROM decision_request d WHERE ${where}
      ORDER BY d.decision_request_id DESC LIMIT $${values.length + 2}`,
    values: [...values, limit],
  });
  return rows.map(({ id }) => id);
}

/**
 * Reads the newest of the open requests that match, and counts all of them.
 * @param page `newest`: later ones do not match
 */
export async function readMatchingIds(
  scope: RunScope,
  filter: EntryFilter,
  { newest, limit }: { newest?: string | undefined; limit: number },
): Promise<{ matched: number; ids: string[] }> {
  const { name, where, values } = conditions(filter);
  const n = values.length + 2;
  const rows = await queryRows<{ id: string; matched: number }>(scope, {
    name: `entries_matching${name}`,
    text: `SELECT d.decision_request_id AS id, count(*) OVER ()::int AS matched FROM decision_request d
      WHERE ${where} AND ($${n}::uuid IS NULL OR d.decision_request_id <= $${n}) ORDER BY d.decision_request_id DESC LIMIT $${n + 1}`,
    values: [...values, newest ?? null, limit],
  });
  return { matched: rows[0]?.matched ?? 0, ids: rows.map(({ id }) => id) };
}

export type ClosedEntry = Pick<EntryRow, 'decisionRequestId' | 'kind' | 'runId' | 'decision' | 'decidedBy'>;

/** Reads the decided ones of these decision requests. */
export const readClosed = (scope: RunScope, ids: readonly string[]): Promise<ClosedEntry[]> =>
  queryRows<ClosedEntry>(scope, {
    name: 'entries_closed',
    text: `SELECT d.decision_request_id AS "decisionRequestId", d.kind, d.run_id AS "runId", d.decision, d.decided_by AS "decidedBy"
      FROM decision_request d WHERE d.workspace_id = $1 AND d.decision_request_id = ANY($2::uuid[]) AND d.decided_at IS NOT NULL
      ORDER BY d.decided_at`,
    values: [ids],
  });
