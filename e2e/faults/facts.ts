import { readdirSync, readFileSync } from 'node:fs';
import type { Cluster } from './cluster.ts';
import type { Query } from './postgres.ts';

export type RunFact = {
  runId: string;
  errand: string;
  /** The run that it reruns from a step. */
  rerunOf: string | null;
  status: string;
  seq: number;
  error: { code: string; message: string } | null;
  result: { count?: number | null } | null;
  createdAt: number;
  endedAt: number | null;
};
export type EventFact = { runId: string; seq: number; type: string; data: Record<string, unknown>; at: number };
export type CallFact = {
  runId: string;
  key: string;
  args: { body?: { call?: string }; path?: { id?: string }; query?: { call?: string }; call?: string };
  effect: string;
  state: string;
  output: unknown;
  finishedAt: number | null;
  idempotencyKey: string | null;
  /** The run that made the call, if this one took it over. */
  takenFrom: string | null;
};
export type EffectRequestFact = {
  effectId: string;
  runId: string;
  key: string;
  decision: string | null;
  decidedAt: number | null;
};

export type ApprovalFact = {
  approvalId: string;
  runId: string;
  kind: 'plan_approval' | 'tool_approval';
  /** Arguments of the call, or the plan. */
  args: CallFact['args'];
  decision: 'approve' | 'deny' | 'void' | null;
  /** Null when it expired. */
  decidedBy: string | null;
  decidedAt: number | null;
  expiresAt: number;
};

export type QuestionFact = {
  requestId: string;
  runId: string;
  key: string;
  decision: 'answer' | 'deny' | 'void' | null;
  answer: string | null;
  /** Null when it expired. */
  decidedBy: string | null;
  decidedAt: number | null;
  expiresAt: number;
};

/** A request of a service to the user during a call. */
export type InputFact = Pick<QuestionFact, 'requestId' | 'runId' | 'decision' | 'decidedBy'> & {
  text: string;
  answer: { action: string; content?: { side?: string } } | null;
};

/** The contents of the tables after all runs have ended. */
export type Facts = {
  runs: RunFact[];
  events: EventFact[];
  calls: CallFact[];
  effectRequests: EffectRequestFact[];
  approvals: ApprovalFact[];
  questions: QuestionFact[];
  inputs: InputFact[];
  /** Runs of schedules; `at`: the scheduled time. */
  scheduled: { runId: string; name: string; at: number; status: string }[];
  /** `unserved`: whether a time is due. */
  schedules: { name: string; unserved: boolean }[];
  /** Webhook messages, by the ids of their posts. */
  messages: { id: string; type: string; runId: string | null; seq: number | null }[];
  leases: number;
  openTransactions: number;
};

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Reads all tables in one snapshot: schedules continue, and none of the lists has their later rows. */
export const readFacts = ({ postgres }: Pick<Cluster, 'postgres'>): Promise<Facts> => postgres.snapshot(factsOf);

async function factsOf(query: Query): Promise<Facts> {
  const count = async (text: string) => Number((await query<{ n: string }>(text))[0]!.n);
  return {
    runs: await query<RunFact>(
      `SELECT run_id AS "runId", metadata->>'errand' AS errand, rerun_of AS "rerunOf", status, seq, error, result,
       ${ms('created_at')} AS "createdAt", ${ms('ended_at')} AS "endedAt" FROM run WHERE schedule_id IS NULL`,
    ),
    events: await query<EventFact>(
      `SELECT run_id AS "runId", seq, type, data, ${ms('created_at')} AS at FROM run_event ORDER BY run_id, seq`,
    ),
    calls: await query<CallFact>(
      `SELECT run_id AS "runId", key, args, effect, state, output, ${ms('finished_at')} AS "finishedAt",
       idempotency_key AS "idempotencyKey", taken_from AS "takenFrom" FROM ledger WHERE kind = 'tool'`,
    ),
    effectRequests: await query<EffectRequestFact>(
      `SELECT decision_request_id AS "effectId", run_id AS "runId", key, decision, ${ms('decided_at')} AS "decidedAt" FROM decision_request
       WHERE kind = 'effect'`,
    ),
    approvals: await query<ApprovalFact>(
      `SELECT decision_request_id AS "approvalId", run_id AS "runId", kind, args, decision, decided_by AS "decidedBy",
       ${ms('decided_at')} AS "decidedAt", ${ms('expires_at')} AS "expiresAt" FROM decision_request WHERE kind IN ('plan_approval', 'tool_approval')`,
    ),
    questions: await query<QuestionFact>(
      `SELECT decision_request_id AS "requestId", run_id AS "runId", key, decision, output AS answer, decided_by AS "decidedBy",
       ${ms('decided_at')} AS "decidedAt", ${ms('expires_at')} AS "expiresAt" FROM decision_request WHERE kind = 'question'`,
    ),
    inputs: await query<InputFact>(
      `SELECT decision_request_id AS "requestId", run_id AS "runId", decision, decided_by AS "decidedBy", text, output AS answer
       FROM decision_request WHERE kind = 'input' ORDER BY decision_request_id`,
    ),
    scheduled: await query(
      `SELECT run_id AS "runId", s.name, coalesce(${ms('run.scheduled_for')}, 0) AS at, run.status FROM run JOIN schedule s USING (schedule_id)`,
    ),
    schedules: await query(
      `SELECT name, next_at <= clock_timestamp() - interval '5 s' AS unserved FROM schedule ORDER BY name`,
    ),
    messages: await query(
      `SELECT 'msg_' || replace(id::text, '-', '') AS id, type, run_id AS "runId", seq FROM (
         SELECT message_id AS id, type, run_id, seq FROM webhook_message
         UNION ALL SELECT delivery_id, type, run_id, seq FROM webhook_delivery) AS told`,
    ),
    leases: await count(
      // A schedule may have created a run just now.
      `SELECT count(*) AS n FROM run WHERE lease IS NOT NULL AND (schedule_id IS NULL OR created_at < clock_timestamp() - interval '10 s')`,
    ),
    openTransactions: await count(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND xact_start < now() - interval '1 second'`,
    ),
  };
}

/** Resources of a process: memory in MiB, and handles without client connections, which clients keep open for a while. */
export type Footprint = { name: string; memory: number; handles: number };

/** Only Linux has /proc: undefined elsewhere. */
export const footprints = ({ members }: Cluster): Footprint[] =>
  members.flatMap(({ service: { name, pid, url } }) => {
    try {
      const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
      const handles = readdirSync(`/proc/${pid}/fd`).length - connectionsTo(Number(new URL(url).port));
      return [{ name, memory: Number(kib) / 1024, handles }];
    } catch {
      return [];
    }
  });

// proc(5), net/tcp: the second column is the local address, the fourth the state; 01 is established, 08 closed by the client.
const connectionsTo = (port: number): number => {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return rows.filter((row) => {
    const [, at, , state] = row.trim().split(/\s+/);
    return at === local && (state === '01' || state === '08');
  }).length;
};

/** The third party's name of the call in a ledger entry. */
export const callOf = ({ args }: Pick<CallFact, 'args'>): string | undefined =>
  args.body?.call ?? args.path?.id ?? args.query?.call ?? args.call;

/** Whether a run makes this call: its errand has the call's first word, and calls of reruns end with the moment of their run. */
export function makesCall({ errand, createdAt }: Pick<RunFact, 'errand' | 'createdAt'>, call: string): boolean {
  const [moment] = /\d{4}-\d\d-\d\dT[\d:.]+Z$/.exec(call) ?? [];
  return call.split(' ', 1)[0] === errand && (moment === undefined || Date.parse(moment) === Math.round(createdAt));
}
