import { type Principal, type Schedule, type ScheduledRun, system } from '@errand/contracts';
import type { Pool } from 'pg';
import { auditRow } from '../audit/write.ts';
import { makerIsActive } from '../people/makers.ts';
import { NOT_HELD, RESUMED_AT } from '../restores/hold.ts';
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
  /** The principal of its runs; null if it may not create runs any more. */
  maker: Pick<Principal, 'kind' | 'id' | 'label'> | null;
  now: Date;
  /** When the service resumed after a restore; null if the database was not restored. Earlier times may have had their runs elsewhere. */
  resumedAt: Date | null;
};

/** Reads schedules that are due, of all workspaces that are not suspended. @param scheduleId only this one */
export async function dueSchedules(pool: Pool, limit: number, scheduleId?: string): Promise<DueSchedule[]> {
  type DueRow = Omit<DueSchedule, 'maker'> & { madeBy: string; createdBy: string; isMakerActive: boolean };
  const { rows } = await pool.query<DueRow>({
    name: 'schedules_due',
    text: `SELECT s.workspace_id AS "workspaceId", s.schedule_id AS "scheduleId", s.name, s.cron, s.time_zone AS "timeZone", s.overlap, s.run,
        s.next_at AS "nextAt", s.made_by AS "madeBy", s.created_by AS "createdBy", clock_timestamp() AS now, ${RESUMED_AT} AS "resumedAt", ${makerIsActive('s')} AS "isMakerActive",
        r.scheduled_for AS "lastFor", r.run_id AS "lastRunId", r.run_id IS NOT NULL AND r.ended_at IS NULL AS "isRunning"
      FROM schedule s JOIN workspace w ON w.workspace_id = s.workspace_id AND w.suspended_at IS NULL
      LEFT JOIN LATERAL (SELECT run.run_id, run.scheduled_for, run.ended_at FROM run WHERE run.workspace_id = s.workspace_id
        AND run.schedule_id = s.schedule_id AND run.scheduled_for IS NOT NULL ORDER BY run.scheduled_for DESC LIMIT 1) AS r ON true
      WHERE ${NOT_HELD} AND s.next_at <= clock_timestamp() AND ($2::uuid IS NULL OR s.schedule_id = $2) ORDER BY s.next_at LIMIT $1`,
    values: [limit, scheduleId ?? null],
  });
  return rows.map(({ madeBy, createdBy, isMakerActive, ...row }) => ({
    ...row,
    maker: isMakerActive ? principalOf(madeBy, createdBy) : null,
  }));
}

function principalOf(identity: string, label: string): Pick<Principal, 'kind' | 'id' | 'label'> {
  const colon = identity.indexOf(':');
  return { kind: identity.slice(0, colon) as Principal['kind'], id: identity.slice(colon + 1), label };
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

/** Pauses schedules of makers that may not create runs any more, with an audit entry and a message for each. Returns their number. */
export function pauseOrphans(pool: Pool, workspaceId: string): Promise<number> {
  const actor = auditRow(workspaceId, { actor: system, action: 'schedule.paused', target: '' });
  return changedRows(pool, {
    name: 'schedules_pause',
    text: `WITH paused AS (
        UPDATE schedule s SET active = false, next_at = NULL, paused_because = 'key_revoked', updated_at = clock_timestamp()
        WHERE s.workspace_id = $1 AND s.active AND NOT ${makerIsActive('s')} RETURNING s.schedule_id, s.name
      ), audited AS (
        INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details)
        SELECT $1, errand_audit.new_id(), $2, $3, $4, 'schedule.paused', schedule_id::text, '{"reason": "key_revoked"}' FROM paused
      ), messages AS (${messageInsert('schedule.paused', `jsonb_build_object('scheduleId', p.schedule_id, 'name', p.name, 'reason', 'key_revoked')`, 'paused p')})
      SELECT 1 FROM paused`,
    values: [workspaceId, actor.actorType, actor.actorId, actor.actorLabel],
  });
}
