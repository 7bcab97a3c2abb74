import { z } from 'zod';
import { count, flag, inputText, text } from '../base/fields.ts';
import { RunId, ScheduleId, Timestamp, TimeZone } from '../base/ids.ts';
import { CreateRunInput } from '../runs/create.ts';

/** What a schedule runs: no caller is there to pass something through, or to wait. */
export const ScheduledRun = CreateRunInput.omit({
  passThrough: true,
  startAt: true,
  idempotencyKey: true,
  prefer: true,
}).meta({
  id: 'ScheduledRun',
  description: 'An errand as it is created each time: all fields of a run but passThrough and startAt.',
});
export type ScheduledRun = z.output<typeof ScheduledRun>;

const fields = {
  name: inputText(100, 'What it is for.', 'Sales of the week'),
  cron: z
    .string()
    .min(9)
    .max(100)
    .meta({
      description:
        'When: minute, hour, day of the month, month, day of the week, as cron has them (`*`, `5`, `1-5`, `*/15`, `MON`, `L` for the last day, `5#2` for the second Friday). When both days are given, either is enough.',
      examples: ['0 9 * * 1'],
    }),
  timeZone: TimeZone.meta({
    description:
      'The IANA time zone of cron. A time that the clocks skip comes when the skipped hour is over; one that comes twice counts once.',
    examples: ['Europe/Berlin'],
  }),
  overlap: z.enum(['skip', 'queue']).meta({
    description:
      'What happens when the run before has not ended. skip: this time is left out. queue: it waits until then; one waits at most, and the times in between are told as missed.',
    examples: ['skip'],
  }),
  active: flag('Whether it creates runs.', true),
};

export const CreateScheduleInput = z
  .strictObject({
    ...fields,
    timeZone: fields.timeZone.default('UTC'),
    run: ScheduledRun,
    overlap: fields.overlap.default('skip'),
    active: fields.active.default(true),
  })
  .meta({ id: 'CreateSchedule', description: 'A schedule to make.' });
export type CreateScheduleInput = z.output<typeof CreateScheduleInput>;

export const ScheduleRef = z.strictObject({ scheduleId: ScheduleId });

export const PatchScheduleInput = z.strictObject({
  scheduleId: ScheduleId,
  name: fields.name.optional(),
  cron: fields.cron.optional(),
  timeZone: fields.timeZone.optional(),
  run: ScheduledRun.optional().meta({
    description: 'Another errand, as a whole. Who says what it runs, or when, is its maker from then on.',
  }),
  overlap: fields.overlap.optional(),
  active: fields.active
    .optional()
    .meta({ description: 'false pauses it; times that pass until it is true again are not made up for.' }),
});
export type PatchScheduleInput = z.output<typeof PatchScheduleInput>;

export const RunScheduleInput = z.strictObject({
  scheduleId: ScheduleId,
  idempotencyKey: CreateRunInput.shape.idempotencyKey,
  prefer: CreateRunInput.shape.prefer,
});

export const Schedule = z
  .object({
    scheduleId: ScheduleId,
    ...fields,
    run: ScheduledRun,
    pausedBecause: z
      .enum(['key_revoked'])
      .optional()
      .meta({
        description:
          'Why Errand paused it. key_revoked: the key of its maker is revoked, has expired, or may no longer create runs. PATCH {active: true} with another key makes that the maker.',
        examples: ['key_revoked'],
      }),
    next: z.array(Timestamp).meta({
      description: 'The next five times; empty while it is not active.',
      examples: [['2026-02-02T08:00:00.000Z', '2026-02-09T08:00:00.000Z']],
    }),
    last: z
      .object({
        dueAt: Timestamp.meta({ description: 'The time for which it was.' }),
        outcome: z.enum(['created', 'skipped', 'refused']).meta({
          description:
            'created: there is a run. skipped: the run before had not ended. refused: the run could not be created; see problem.',
          examples: ['created'],
        }),
        runId: RunId.optional().meta({ description: 'The run that was created.' }),
        missed: count('Times before it that passed without a run, at most 1,000.', 0),
        problem: z
          .object({
            code: text('Its code.', 'connection_not_found'),
            detail: text('What is wrong.', 'There is no integration crm_1a2b3c4d.'),
          })
          .optional()
          .meta({ description: 'Why the run was refused.' }),
      })
      .optional()
      .meta({ description: 'The last time that was due; absent before the first.' }),
    createdBy: text('The key of its maker, as which its runs act.', 'billing service'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Schedule', description: 'Creates a run again and again, at times of a cron expression.' });
export type Schedule = z.infer<typeof Schedule>;
