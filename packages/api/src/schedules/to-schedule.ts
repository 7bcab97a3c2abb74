import type { Schedule } from '@errand/contracts';
import type { StoredSchedule } from '@errand/db';
import { timesOf } from '@errand/engine';

const NEXT_TIMES = 5;

/** A schedule with its next times. */
export const toSchedule = (schedule: StoredSchedule): Schedule => ({
  ...schedule,
  next: schedule.active
    ? timesOf(schedule.cron, schedule.timeZone)
        .next(NEXT_TIMES, new Date())
        .map((time) => time.toISOString())
    : [],
});
