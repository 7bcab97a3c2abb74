import { type KeyPrincipal, type Schedule, type ScheduledRun, type Scope, system } from '@errand/contracts';
import type { Pool } from 'pg';
import { auditRow } from '../audit/write.ts';
import { changedRows, queryRows, type RunScope } from '../statements/scope.ts';
import { messageInsert } from '../webhooks/outbox.ts';

export type DueSchedule = Pick<Schedule, 'scheduleId' | 'name' | 'cron' | 'timeZone' | 'overlap'> & {
  workspaceId: string;
  run: ScheduledRun;
  nextAt: Date;
  /** The last scheduled time with a run, which may be missing in `last` after a crash. */
  lastFor: Date | null;
  lastRunId: string | null;
  isRunning: boolean;
  /** The principal of its runs; null if no key of its maker is valid. */
  maker: KeyPrincipal | null;
  now: Date;
};

const IS_VALID_KEY = `k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()) AND k.scopes && ARRAY['runs:write', 'admin']`;

/** Reads schedules that are due, of all workspaces. @param scheduleId only this one */
export async function dueSchedules(pool: Pool, limit: number, scheduleId?: string): Promise<DueSchedule[]> {
  type DueRow = Omit<DueSchedule, 'maker'> & {
    madeBy: string;
    apiKeyId: string | null;
    label: string;
    scopes: Scope[];
  };
  const { rows } = await pool.query<DueRow>({
    name: 'schedules_due',
    text: `SELECT s.workspace_id AS "workspaceId", s.schedule_id AS "scheduleId", s.name, s.cron, s.time_zone AS "timeZone", s.overlap, s.run,
        s.next_at AS "nextAt", s.made_by AS "madeBy", clock_timestamp() AS now,
        r.scheduled_for AS "lastFor", r.run_id AS "lastRunId", r.run_id IS NOT NULL AND r.ended_at IS NULL AS "isRunning", k.api_key_id AS "apiKeyId", k.name AS label, k.scopes
      FROM schedule s LEFT JOIN LATERAL (SELECT * FROM api_key k WHERE k.workspace_id = s.workspace_id AND k.principal_id = s.made_by
        AND ${IS_VALID_KEY} ORDER BY k.api_key_id DESC LIMIT 1) AS k ON true
      LEFT JOIN LATERAL (SELECT run.run_id, run.scheduled_for, run.ended_at FROM run WHERE run.workspace_id = s.workspace_id
        AND run.schedule_id = s.schedule_id AND run.scheduled_for IS NOT NULL ORDER BY run.scheduled_for DESC LIMIT 1) AS r ON true
      WHERE s.next_at <= clock_timestamp() AND ($2::uuid IS NULL OR s.schedule_id = $2) ORDER BY s.next_at LIMIT $1`,
    values: [limit, scheduleId ?? null],
  });
  return rows.map(({ madeBy: id, apiKeyId, label, scopes, ...row }) => ({
    ...row,
    maker: apiKeyId === null ? null : { kind: 'api_key', id, apiKeyId, label, workspaceId: row.workspaceId, scopes },
  }));
}

/** Stores the outcome of a scheduled time and the next time, unless the schedule was changed or processed meanwhile. */
export async function advanceSchedule(
  scope: RunScope,
  { scheduleId, nextAt }: Pick<DueSchedule, 'scheduleId' | 'nextAt'>,
  { next, last }: { next: Date | null; last: Schedule['last'] },
): Promise<void> {
  await queryRows(scope, {
    name: 'schedule_finish',
    text: `UPDATE schedule SET next_at = $4, last = coalesce($5::jsonb, last)
      WHERE workspace_id = $1 AND schedule_id = $2 AND next_at = $3`,
    values: [scheduleId, nextAt, next, last ? JSON.stringify(last) : null],
  });
}

export async function reportRefusal(scope: RunScope, data: object): Promise<void> {
  await queryRows(scope, {
    name: 'schedule_refused',
    text: messageInsert('schedule.refused', '$2::jsonb'),
    values: [JSON.stringify(data)],
  });
}

/** Pauses schedules without a valid key of their maker, with an audit entry and a message for each. Returns their number. */
export function pauseOrphans(pool: Pool, workspaceId: string): Promise<number> {
  const actor = auditRow(workspaceId, { actor: system, action: 'schedule.paused', target: '' });
  return changedRows(pool, {
    name: 'schedules_pause',
    text: `WITH paused AS (
        UPDATE schedule s SET active = false, next_at = NULL, paused_because = 'key_revoked', updated_at = clock_timestamp()
        WHERE s.workspace_id = $1 AND s.active AND NOT EXISTS (SELECT FROM api_key k WHERE k.workspace_id = s.workspace_id
          AND k.principal_id = s.made_by AND ${IS_VALID_KEY}) RETURNING s.schedule_id, s.name
      ), audited AS (
        INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details)
        SELECT $1, errand_audit.new_id(), $2, $3, $4, 'schedule.paused', schedule_id::text, '{"reason": "key_revoked"}' FROM paused
      ), messages AS (${messageInsert('schedule.paused', `jsonb_build_object('scheduleId', p.schedule_id, 'name', p.name, 'reason', 'key_revoked')`, 'paused p')})
      SELECT 1 FROM paused`,
    values: [workspaceId, actor.actorType, actor.actorId, actor.actorLabel],
  });
}
