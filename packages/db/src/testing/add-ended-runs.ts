import { RunStatus } from '@errand/contracts';
import type { Pool } from 'pg';
import { newId } from '../statements/scope.ts';

const ENDED = RunStatus.options.slice(4);
/** Makers of plans without a planner. */
const UNPLANNED = ['caller', 'action', 'repeat', 'action'];

export type EndedRunMade = {
  day: string;
  status: string;
  userId: string;
  total: number;
  queued: number;
  planning: number | null;
  waiting: number;
  cost: number | null;
  tokens: number;
  requestedBy: string;
  /** `ms`: null for a call without an end, because its run ended before it. */
  calls: { tool: string; state: string; ms: number | null }[];
  /** How long a person took to decide the request of kind effect, in ms. The other one, a call, expired. */
  decided: number | null;
};

const requesterOf = (n: number) =>
  ['api_key:k', 'person:p', `claimed:desk:${n}`, `subject:https://issuer u${n}`][n % 4]!;

/** The phases of the nth run. Durations spread over five orders of magnitude. */
function phasesOf(n: number) {
  const queued = (n * 37) % 90;
  const planning = n % 3 ? Math.round(3 * 1.9 ** (n % 12)) : null;
  const waiting = n % 5 ? 0 : 1000 + ((n * 7919) % 400_000);
  const planned = queued + (planning ?? 0);
  return { queued, planning, waiting, planned, total: planned + waiting + Math.round(2 ** ((n * 13) % 17)) + n };
}

const callsOf = (n: number) =>
  Array.from({ length: n % 4 }, (_, i) => ({
    tool: `${i % 2 ? 'crm_1' : 'erp_1'}.op${(n + i) % 3}`,
    state: (n + i) % 6 ? 'DONE' : 'FAILED',
    ms: (n + i) % 13 ? Math.round(1.7 ** ((n * 7 + i) % 19)) - 1 : null,
  }));

/** Stores ended runs of several days, with calls and requests. */
export async function addEndedRuns(
  pool: Pool,
  workspaceId: string,
  count: number,
  { users, begin }: { users: number; begin: number },
): Promise<EndedRunMade[]> {
  const stored: EndedRunMade[] = [];
  const rows = { run: [] as unknown[], plan: [] as unknown[], call: [] as unknown[], request: [] as unknown[] };
  for (let n = 0; n < count; n++) {
    const { queued, planning, waiting, planned, total } = phasesOf(n);
    const at = (ms: number) => new Date(begin + n * 400_000 + ms).toISOString();
    const ids = { run_id: newId(), execution_plan_id: newId() };
    const { run_id } = ids;
    const status = ENDED[n % 5]!;
    const userId = `user-${n % users}`;
    const calls = callsOf(n);
    const cost = n % 50 === 49 ? 0.5 : 0.25;
    const day = at(total).slice(0, 10);
    const half = Math.floor(waiting / 2);
    const [requestedBy, decided] = [requesterOf(n), waiting === 0 ? null : half];
    const counted = { day, status, userId, total, queued, planning, waiting, cost, tokens: n, calls };
    stored.push({ ...counted, requestedBy, decided });
    const times = { created_at: at(0), started_at: at(queued), ended_at: at(total) };
    rows.run.push({ ...ids, ...times, status, user_id: userId, cost, input_tokens: n, requested_by: requestedBy });
    rows.plan.push({
      ...ids,
      made_by: planning === null ? UNPLANNED[n % UNPLANNED.length] : 'model',
      updated_at: at(planned),
    });
    rows.call.push(
      ...calls.map(({ ms, ...call }, i) => {
        const times = { started_at: at(planned + 1), finished_at: ms === null ? null : at(planned + 1 + ms) };
        return { run_id, key: `s${i}`, ...call, ...times };
      }),
    );
    if (waiting === 0) continue;
    // Two requests that overlap: together they took `waiting`.
    const third = Math.floor(waiting / 3);
    const spans = { effect: [planned, planned + half], tool_approval: [planned + third, planned + waiting] };
    for (const [kind, [from = 0, to = 0]] of Object.entries(spans)) {
      const decided_by = kind === 'effect' ? 'ada' : null;
      rows.request.push({ run_id, id: newId(), kind, created_at: at(from), decided_at: at(to), decided_by });
    }
  }
  const insert = (sql: string, values: unknown[]) => pool.query(sql, [workspaceId, JSON.stringify(values)]);
  await insert(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, status, intent, user_id, selected, signature, due, created_at, started_at, ended_at, cost, cost_currency, input_tokens, requested_by)
     SELECT $1, run_id, execution_plan_id, status, 'x', user_id, '{}', '\\x00', 0, created_at, started_at, ended_at, cost, 'USD', input_tokens, requested_by
     FROM json_populate_recordset(NULL::run, $2::json)`,
    rows.run,
  );
  await insert(
    `INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by, updated_at)
     SELECT $1, execution_plan_id, run_id, 'json', '{}', made_by, updated_at FROM json_populate_recordset(NULL::execution_plan, $2::json)`,
    rows.plan,
  );
  await insert(
    `INSERT INTO ledger (workspace_id, run_id, key, kind, tool, state, started_at, finished_at)
     SELECT $1, run_id, key, 'tool', tool, state, started_at, finished_at FROM json_populate_recordset(NULL::ledger, $2::json)`,
    rows.call,
  );
  await insert(
    `INSERT INTO decision_request (workspace_id, decision_request_id, run_id, user_id, kind, key, text, created_at, decided_at, decided_by, decision)
     SELECT $1, r.id, r.run_id, 'u', r.kind, r.kind, 't', r.created_at, r.decided_at, r.decided_by, 'skip'
     FROM json_to_recordset($2::json) AS r(id uuid, run_id uuid, kind text, created_at timestamptz, decided_at timestamptz, decided_by text)`,
    rows.request,
  );
  return stored;
}
