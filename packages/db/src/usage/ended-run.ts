/** An ended run for the usage counts. Times are ms. */
export type EndedRun = {
  workspaceId: string;
  runId: string;
  endedAt: string;
  day: string;
  status: string;
  userId: string;
  tokens: number;
  cost: number | null;
  currency: string | null;
  /** From creation to end, and from creation to start. */
  total: number;
  queued: number | null;
  /** Null if no planner was used. */
  planning: number | null;
  /** The time with an open decision request. */
  waiting: number | null;
  calls: { tool: string; n: number; errors: number }[] | null;
};

const ms = (interval: string): string => `(extract(epoch FROM ${interval}) * 1000)::float8`;
/** Maximum number of counted tools of one run. */
const MAX_TOOLS = 500;

/**
 * SQL that selects EndedRuns. Planning ends with the first stored plan. After a replan only the last plan has a time, so the
 * first call and the first request count too. @param source a statement that selects ended rows of `run`
 */
export const endedRuns = (source: string): string => `
  SELECT r.workspace_id AS "workspaceId", r.run_id AS "runId", to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "endedAt",
    to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, r.status, r.user_id AS "userId", r.input_tokens + r.output_tokens AS tokens,
    r.cost, r.cost_currency AS currency, ${ms('r.ended_at - r.created_at')} AS total, ${ms('r.started_at - r.created_at')} AS queued,
    (SELECT CASE WHEN p.made_by NOT IN ('caller', 'repeat') THEN ${ms(`least(CASE WHEN p.plan_type = 'json' THEN p.updated_at END, r.ended_at,
        (SELECT min(l.started_at) FROM ledger l WHERE l.workspace_id = r.workspace_id AND l.run_id = r.run_id AND l.kind = 'tool'),
        (SELECT min(d.created_at) FROM decision_request d WHERE d.workspace_id = r.workspace_id AND d.run_id = r.run_id)) - r.started_at`)} END
      FROM execution_plan p WHERE p.workspace_id = r.workspace_id AND p.execution_plan_id = r.execution_plan_id) AS planning,
    (SELECT sum(${ms('upper(w) - lower(w)')}) FROM unnest((SELECT range_agg(tstzrange(d.created_at,
        greatest(d.created_at, least(d.decided_at, r.ended_at)))) FROM decision_request d
      WHERE d.workspace_id = r.workspace_id AND d.run_id = r.run_id)) AS w) AS waiting,
    (SELECT json_agg(json_build_object('tool', c.tool, 'n', c.n, 'errors', c.errors)) FROM (
      SELECT l.tool, count(*) AS n, count(*) FILTER (WHERE l.state IN ('FAILED', 'UNCERTAIN')) AS errors FROM ledger l
      WHERE l.workspace_id = r.workspace_id AND l.run_id = r.run_id AND l.kind = 'tool' AND l.state <> 'SKIPPED' AND l.tool IS NOT NULL
      GROUP BY l.tool LIMIT ${MAX_TOOLS}) AS c) AS calls
  FROM (${source}) AS r`;
