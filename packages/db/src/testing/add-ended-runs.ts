import { RunStatus } from '@errand/contracts';
import type { Pool } from 'pg';
import { newId } from '../statements/scope.ts';

const ENDED = RunStatus.options.slice(4);

/** What was stored. */
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

/** Stores ended runs of several days, with calls and requests. Durations spread over five orders of magnitude. */
export async function addEndedRuns(
  pool: Pool,
  workspaceId: string,
  count: number,
  { users, begin }: { users: number; begin: number },
): Promise<EndedRunMade[]> {
  const made: EndedRunMade[] = [];
  const rows = { run: [] as unknown[], plan: [] as unknown[], call: [] as unknown[], request: [] as unknown[] };
  for (let n = 0; n < count; n++) {
    const queued = (n * 37) % 90;
    const planning = n % 3 ? Math.round(3 * 1.9 ** (n % 12)) : null;
    const waiting = n % 5 ? 0 : 1000 + ((n * 7919) % 400_000);
    const rest = Math.round(2 ** ((n * 13) % 17)) + n;
    const total = queued + (planning ?? 0) + waiting + rest;
    const createdAt = begin + n * 400_000;
    const at = (ms: number) => new Date(createdAt + ms).toISOString();
    const [runId, planId] = [newId(), newId()];
    const status = ENDED[n % 5]!;
    const userId = `user-${n % users}`;
    const calls = Array.from({ length: n % 4 }, (_, i) => ({
      tool: `${i % 2 ? 'crm_1' : 'erp_1'}.op${(n + i) % 3}`,
      state: (n + i) % 6 ? 'DONE' : 'FAILED',
    }));
    const cost = n % 50 === 49 ? 0.5 : 0.25;
    made.push({
      ...{ day: at(total).slice(0, 10), status, userId, total, queued, planning, waiting, cost, tokens: n },
      calls,
    });
    const times = { created_at: at(0), started_at: at(queued), ended_at: at(total) };
    rows.run.push({
      run_id: runId,
      execution_plan_id: planId,
      status,
      user_id: userId,
      ...times,
      cost,
      input_tokens: n,
    });
    rows.plan.push({
      run_id: runId,
      execution_plan_id: planId,
      made_by: planning === null ? 'caller' : 'model',
      updated_at: at(queued + (planning ?? 0)),
    });
    const called = at(queued + (planning ?? 0) + 1);
    for (const [i, call] of calls.entries())
      rows.call.push({ run_id: runId, key: `s${i}`, ...call, started_at: called });
    if (waiting > 0) {
      // Two requests that overlap: together they took `waiting`.
      const asked = queued + (planning ?? 0);
      const [half, third] = [Math.floor(waiting / 2), Math.floor(waiting / 3)];
      rows.request.push({ run_id: runId, id: newId(), key: 'a', created_at: at(asked), decided_at: at(asked + half) });
      rows.request.push({
        run_id: runId,
        id: newId(),
        key: 'b',
        created_at: at(asked + third),
        decided_at: at(asked + waiting),
      });
    }
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
  return made;
}
