import { every } from '@errand/basics/every';
import { type CreateRunInput, ProblemError, type Schedule, toStoredApprover } from '@errand/contracts';
import {
  advanceSchedule,
  type DueSchedule,
  dueSchedules,
  newId,
  pauseOrphans,
  type RunScope,
  reportRefusal,
} from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { Pool } from 'pg';
import { toDraft } from '../events/event-json.ts';
import type { RunOrigin } from '../runs/create.ts';
import { timesOf } from './cron.ts';

/** Interval in ms between two reads of the table, and schedules per read. */
const POLL_MS = 1000;
const BATCH = 50;
/** Age in ms above which the events of a run report its scheduled time. */
const LATE_MS = 60_000;
/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505';

export type ClockDeps = {
  pool: Pool;
  scopeOf: (workspaceId: string) => RunScope;
  create: (workspaceId: string, input: CreateRunInput, origin: RunOrigin) => Promise<unknown>;
  log: Log;
  /** Whether this process serves schedules for its machine. */
  isLeader: () => boolean;
};

type LastTime = NonNullable<Schedule['last']>;

/**
 * Creates the runs of schedules at their times, in any number of processes: the row of a run contains schedule and time, and a unique
 * index admits one of them. The next read finds the unfinished work of a process that died.
 */
export class ScheduleClock {
  #stop = async () => {};

  constructor(private readonly deps: ClockDeps) {}

  start(): void {
    this.#stop = every(POLL_MS, async () => void (this.deps.isLeader() && (await this.serveDue())));
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** Serves due schedules. Never rejects. */
  async serveDue(): Promise<void> {
    const { pool, log } = this.deps;
    try {
      for (const [index, schedule] of (await dueSchedules(pool, BATCH)).entries()) {
        const { workspaceId, scheduleId } = schedule;
        // The schedule may have been changed, paused or deleted while others were served.
        const [due] = index === 0 ? [schedule] : await dueSchedules(pool, 1, scheduleId);
        if (!due) continue;
        await this.#serve(due).catch((error) => {
          log.warn({ err: error, workspaceId, scheduleId }, 'A schedule could not be served; trying again.');
        });
      }
    } catch (error) {
      log.warn({ err: error }, 'Due schedules could not be read; trying again.');
    }
  }

  async #serve(due: DueSchedule): Promise<void> {
    const { pool, scopeOf } = this.deps;
    const { workspaceId, nextAt, lastFor, lastRunId, now, resumedAt } = due;
    if (!due.maker) return void (await pauseOrphans(pool, workspaceId));
    const times = timesOf(due.cron, due.timeZone);
    const next = times.next(1, now)[0] ?? null;
    const finish = (last?: LastTime) => advanceSchedule(scopeOf(workspaceId), due, { next, last });
    const at = times.last(now);
    if (lastFor && lastRunId && at && at <= lastFor && lastFor >= nextAt)
      return finish({ dueAt: lastFor.toISOString(), outcome: 'created', runId: lastRunId, missed: 0 });
    if (!at || at < nextAt || (resumedAt && at <= resumedAt)) return finish();
    if (due.isRunning && due.overlap === 'queue') return;
    const from = lastFor && lastFor >= nextAt ? new Date(lastFor.getTime() + 1) : nextAt;
    const last = { dueAt: at.toISOString(), missed: times.count(from, at) };
    await finish(due.isRunning ? { ...last, outcome: 'skipped' } : await this.#create(due, at, last));
  }

  async #create(due: DueSchedule, at: Date, last: Omit<LastTime, 'outcome'>): Promise<LastTime | undefined> {
    const { create, scopeOf } = this.deps;
    const { workspaceId, scheduleId, name } = due;
    const runId = newId();
    const reason = missedText(at, due, last.missed);
    const origin: RunOrigin = {
      runId,
      by: due.maker!,
      ...(due.run.approvers && { approvers: due.run.approvers.map((approver) => toStoredApprover(approver)) }),
      schedule: { scheduleId, at, ...(reason && { announcement: toDraft('QUEUED', { type: 'status', reason }) }) },
    };
    try {
      await create(workspaceId, due.run, origin);
      return { ...last, outcome: 'created', runId };
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return undefined;
      if (!(error instanceof ProblemError) || error.code === 'unavailable') throw error;
      const problem = { code: error.code, detail: error.detail ?? error.message };
      await reportRefusal(scopeOf(workspaceId), { scheduleId, name, dueAt: last.dueAt, problem });
      return { ...last, outcome: 'refused', problem };
    }
  }
}

/** The event text about the time of a run; undefined when it is on time and none was missed. */
function missedText(at: Date, { now, timeZone }: DueSchedule, missed: number): string | undefined {
  if (missed === 0 && now.getTime() - at.getTime() < LATE_MS) return undefined;
  const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
  const times = missed === 1 ? 'One time' : missed >= 1000 ? 'At least 1,000 times' : `${missed} times`;
  const before = missed === 0 ? '' : ` ${times} before it ${missed === 1 ? 'was' : 'were'} missed.`;
  return `Scheduled for ${when} (${timeZone}).${before}`;
}
