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
  calls: { tool: string; state: string }[];
};

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
    stored.push({ day, status, userId, total, queued, planning, waiting, cost, tokens: n, calls });
    const times = { created_at: at(0), started_at: at(queued), ended_at: at(total) };
    rows.run.push({ ...ids, ...times, status, user_id: userId, cost, input_tokens: n });
    rows.plan.push({
      ...ids,
      made_by: planning === null ? UNPLANNED[n % UNPLANNED.length] : 'model',
      updated_at: at(planned),
    });
    rows.call.push(...calls.map((call, i) => ({ run_id, key: `s${i}`, ...call, started_at: at(planned + 1) })));
    if (waiting === 0) continue;
    // Two requests that overlap: together they took `waiting`.
    const [half, third] = [Math.floor(waiting / 2), Math.floor(waiting / 3)];
    const spans = { a: [planned, planned + half], b: [planned + third, planned + waiting] };
    for (const [key, [from = 0, to = 0]] of Object.entries(spans))
      rows.request.push({ run_id, id: newId(), key, created_at: at(from), decided_at: at(to) });
  }
  const insert = (sql: string, values: unknown[]) => pool.query(sql, [workspaceId, JSON.stringify(values)]);
  await insert(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, status, intent, user_id, selected, signature, due, created_at, started_at, ended_at, cost, cost_currency, input_tokens)
     SELECT $1, run_id, execution_plan_id, status, 'x', user_id, '{}', '\\x00', 0, created_at, started_at, ended_at, cost, 'USD', input_tokens
     FROM json_populate_recordset(NULL::run, $2::json)`,
    rows.run,
  );
  await insert(
    `INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by, updated_at)
     SELECT $1, execution_plan_id, run_id, 'json', '{}', made_by, updated_at FROM json_populate_recordset(NULL::execution_plan, $2::json)`,
    rows.plan,
  );
  await insert(
    `INSERT INTO ledger (workspace_id, run_id, key, kind, tool, state, started_at)
     SELECT $1, run_id, key, 'tool', tool, state, started_at FROM json_populate_recordset(NULL::ledger, $2::json)`,
    rows.call,
  );
  await insert(
    `INSERT INTO decision_request (workspace_id, decision_request_id, run_id, user_id, kind, key, text, created_at, decided_at, decision)
     SELECT $1, r.id, r.run_id, 'u', 'effect', r.key, 't', r.created_at, r.decided_at, 'skip'
     FROM json_to_recordset($2::json) AS r(id uuid, run_id uuid, key text, created_at timestamptz, decided_at timestamptz)`,
    rows.request,
  );
  return stored;
}
