import type { Run } from '@errand/contracts';
import { queryRows, type RunScope } from '../statements/scope.ts';
import { phaseColumns, phaseTimes } from '../usage/count.ts';
import { type OpenDecisionRequest, openRequestsOf, toOpenRequests } from './decision-requests.ts';
import { SUSPECT_DEATHS } from './queue/claimed-run.ts';
import { RUN_FIELDS, type RunFields } from './row.ts';

type RunPhases = NonNullable<Run['phases']>;

/** A run for an API response. Documents are JSON texts or null; those beyond the byte limit are null, but their sizes are set. */
export type RunForResponse = RunFields & {
  endedAt: Date | null;
  /** The outcome in words; null until the run has ended. */
  summary: string | null;
  outputsRemovedAt: Date | null;
  /** Only of a single run that has ended. */
  phases?: RunPhases;
  /** The reason for waiting; null during execution and after the end. */
  waitsFor: 'slot' | 'retry' | 'start' | 'human' | 'suspect' | null;
  intent: string;
  context: string | null;
  metadata: string | null;
  outputSchema: string | null;
  result: string | null;
  /** Only code, message and retryable if it does not fit. */
  error: string | null;
  /** The open decision requests, oldest first: one more than requested, if there are more. */
  open: OpenDecisionRequest[];
  intentBytes: number;
  contextBytes: number;
  metadataBytes: number;
  outputSchemaBytes: number;
  resultBytes: number;
  errorBytes: number;
};

/** Characters of an intent, or of an error message, that are always shown. */
export const MIN_SHOWN_CHARACTERS = 200;

// Documents are included in this order while their cumulative size stays within `maxBytes`.
const SIZES = `CROSS JOIN LATERAL (SELECT octet_length(run.intent) AS intent, coalesce(octet_length(run.error::text), 0) AS error,
    octet_length(run.metadata::text) AS metadata, coalesce(octet_length(run.output_schema::text), 0) AS schema,
    octet_length(run.context) AS context, coalesce(run.result_bytes, 0) AS result) AS b`;
const sizeUpTo = (last: number): string =>
  ['b.intent', 'b.error', 'b.metadata', 'b.schema', 'b.context', 'b.result'].slice(0, last).join(' + ');

/** The select list of a RunForResponse from `run` and `SIZES`. @param maxBytes of documents, as SQL @param most decision requests, as SQL */
const columns = (
  maxBytes: string,
  most: string,
): string => `${RUN_FIELDS}, run.ended_at AS "endedAt", run.outputs_removed_at AS "outputsRemovedAt", run.summary,
  CASE WHEN run.lease IS NOT NULL OR run.ended_at IS NOT NULL THEN NULL WHEN run.status IN ('PAUSED', 'AUTH_REQUIRED') THEN 'human'
    WHEN run.due = 0 AND run.epoch = 0 THEN 'start' WHEN run.due = 0 THEN 'retry' WHEN run.deaths >= ${SUSPECT_DEATHS} THEN 'suspect' ELSE 'slot' END AS "waitsFor",
  ${openRequestsOf(most)} AS open,
  b.intent AS "intentBytes", b.error AS "errorBytes", b.metadata AS "metadataBytes", b.schema AS "outputSchemaBytes",
  b.context AS "contextBytes", b.result AS "resultBytes",
  CASE WHEN ${sizeUpTo(1)} <= ${maxBytes} THEN run.intent ELSE left(run.intent, ${MIN_SHOWN_CHARACTERS}) END AS intent,
  CASE WHEN run.error IS NULL OR ${sizeUpTo(2)} <= ${maxBytes} THEN run.error::text ELSE json_build_object('code', run.error->'code',
    'message', left(run.error->>'message', ${MIN_SHOWN_CHARACTERS}), 'retryable', run.error->'retryable')::text END AS error,
  CASE WHEN ${sizeUpTo(3)} <= ${maxBytes} THEN run.metadata::text END AS metadata,
  CASE WHEN ${sizeUpTo(4)} <= ${maxBytes} THEN run.output_schema::text END AS "outputSchema",
  CASE WHEN ${sizeUpTo(5)} <= ${maxBytes} THEN run.context END AS context,
  CASE WHEN ${sizeUpTo(6)} <= ${maxBytes} THEN run.result::text END AS result`;

/**
 * SQL that selects runs for responses in the order of `page`.
 * @param page a statement without WITH that selects rows of `run` @param order its ORDER BY
 * @param limits see `columns`; they may use `run.many`, the number of rows of the page
 */
export const runsForResponse = (
  page: string,
  order: string,
  { maxBytes, requests }: { maxBytes: string; requests: string },
): string =>
  `SELECT ${columns(maxBytes, requests)} FROM (SELECT page.*, count(*) OVER ()::int AS many FROM (${page}) AS page) AS run ${SIZES} ${order}`;

type PhaseRow = Parameters<typeof phaseTimes>[0];

const phaseSql = phaseColumns('run');
const PHASES = `json_build_object(${Object.entries(phaseSql).map(([name, sql]) => `'${name}', ${sql}`)})`;

function toPhases(row: PhaseRow): RunPhases | null {
  const times = phaseTimes(row);
  if (!times) return null;
  const { queued, planning, calls, waiting } = times;
  return {
    queuedMs: Math.round(queued),
    ...(planning !== undefined && { planningMs: Math.round(planning) }),
    callsMs: Math.round(calls),
    waitingMs: Math.round(waiting),
  };
}

/** Reads a run for an API response. @param limits `maxBytes`: bytes of documents to read; `requests`: open decision requests to show */
export async function readRunForResponse(
  scope: RunScope,
  runId: string,
  { maxBytes, requests }: { maxBytes: number; requests: number },
): Promise<RunForResponse | null> {
  const rows = await queryRows<Omit<RunForResponse, 'phases'> & { phases: PhaseRow | null }>(scope, {
    name: 'run_rendered',
    text: `SELECT ${columns('$3::int', '$4::int + 1')}, CASE WHEN run.ended_at IS NOT NULL THEN ${PHASES} END AS phases FROM run ${SIZES} WHERE run.workspace_id = $1 AND run.run_id = $2`,
    values: [runId, maxBytes, requests],
  });
  if (!rows[0]) return null;
  const { phases, ...row } = rows[0];
  const times = phases && toPhases(phases);
  return parseOpenRequests({ ...row, ...(times && { phases: times }) });
}

export const parseOpenRequests = (row: RunForResponse): RunForResponse => ({ ...row, open: toOpenRequests(row.open) });
