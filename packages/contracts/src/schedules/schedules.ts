// Schedules: runs that are created at the times of a cron expression.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, creationCodes, schemaCodes, selectionCodes } from '../base/error.ts';
import { count, doc, flag, inputText, listInput, nextCursor, oneOf, optionalOneOf, text } from '../base/fields.ts';
import { InputTimestamp, RunId, ScheduleId, Timestamp, TimeZone } from '../base/scalars.ts';
import { CreateRunInput, idempotentHeaders } from '../runs/create.ts';
import { CreationAnswer } from '../runs/run.ts';

/** The run of a schedule. There is no caller that could pass something through or wait. */
export const ScheduledRun = CreateRunInput.omit({
  onBehalfOf: true,
  passThrough: true,
  startAt: true,
  idempotencyKey: true,
  prefer: true,
}).meta({
  id: 'ScheduledRun',
  description: 'The errand to create each time: all fields of a run except passThrough, startAt and onBehalfOf.',
});
export type ScheduledRun = z.output<typeof ScheduledRun>;

const { onBehalfOf } = CreateRunInput.shape;
const ON_BEHALF_OF = 'The person for whom the product acts, and who requests the runs of the schedule.';

const scheduleFields = {
  name: inputText(100, 'Its purpose.', 'Sales of the week'),
  cron: z
    .string()
    .min(9)
    .max(100)
    .meta({
      description:
        'Minute, hour, day of the month, month, day of the week, in the syntax of cron (`*`, `5`, `1-5`, `*/15`, `MON`, `L` for the last day, `5#2` for the second Friday). With both kinds of days, either is enough.',
      examples: ['0 9 * * 1'],
    }),
  timeZone: TimeZone.meta({
    description:
      'The IANA time zone of `cron`. A time that the clocks skip moves to the end of the skipped hour. A time that occurs twice counts once.',
    examples: ['Europe/Berlin'],
  }),
  overlap: oneOf(
    ['skip', 'queue'],
    'What to do if the previous run has not ended. skip: omit this time. queue: wait for the end; at most one time waits, and the times in between count as missed.',
    'skip',
  ),
  active: flag('Whether it creates runs.', true),
};

export const CreateScheduleInput = z
  .strictObject({
    ...scheduleFields,
    timeZone: scheduleFields.timeZone.default('UTC'),
    run: ScheduledRun,
    overlap: scheduleFields.overlap.default('skip'),
    active: scheduleFields.active.default(true),
    onBehalfOf: onBehalfOf.meta({ description: ON_BEHALF_OF }),
  })
  .meta({ id: 'CreateSchedule', description: 'A schedule to create.' });

export const PreviewScheduleInput = z.strictObject({
  cron: scheduleFields.cron,
  timeZone: scheduleFields.timeZone.default('UTC'),
  from: InputTimestamp.optional().meta(doc('Only times after this one. Default: now.', '2026-01-31T09:30:00.000Z')),
});

export const SchedulePreview = z
  .object({
    next: z.array(Timestamp).meta({
      description: 'The next five times; fewer if the calendar ends before.',
      examples: [['2026-02-02T08:00:00.000Z', '2026-02-09T08:00:00.000Z']],
    }),
  })
  .meta({ id: 'SchedulePreview', description: 'The times of a cron expression.' });

export const ScheduleRef = z.strictObject({ scheduleId: ScheduleId });

export const PatchScheduleInput = z.strictObject({
  scheduleId: ScheduleId,
  name: scheduleFields.name.optional(),
  cron: scheduleFields.cron.optional(),
  timeZone: scheduleFields.timeZone.optional(),
  run: ScheduledRun.optional().meta({
    description: 'The complete new errand. The caller that changes the errand or its times becomes the owner.',
  }),
  overlap: scheduleFields.overlap.optional(),
  active: scheduleFields.active
    .optional()
    .meta({ description: 'false pauses it. Times that pass until it is true again are not made up for.' }),
  onBehalfOf: onBehalfOf.meta({ description: ON_BEHALF_OF }),
});

export const RunScheduleInput = z.strictObject({
  scheduleId: ScheduleId,
  onBehalfOf,
  idempotencyKey: CreateRunInput.shape.idempotencyKey,
  prefer: CreateRunInput.shape.prefer,
});

export const Schedule = z
  .object({
    scheduleId: ScheduleId,
    ...scheduleFields,
    run: ScheduledRun,
    pausedBecause: optionalOneOf(
      ['key_revoked'],
      'Why Errand paused it. key_revoked: its owner may no longer create runs. The key is revoked or has expired, or the person is disabled, no member any more, or in a role without runs:write. PATCH {active: true} makes the caller the owner.',
      'key_revoked',
    ),
    next: z.array(Timestamp).meta({
      description: 'The next five times; empty while it is not active.',
      examples: [['2026-02-02T08:00:00.000Z', '2026-02-09T08:00:00.000Z']],
    }),
    last: z
      .object({
        dueAt: Timestamp.meta({ description: 'The scheduled time.' }),
        outcome: oneOf(
          ['created', 'skipped', 'refused'],
          'created: a run was created. skipped: the previous run had not ended. refused: the run could not be created; see problem.',
          'created',
        ),
        runId: RunId.optional().meta({ description: 'The run that was created.' }),
        missed: count('Earlier times without a run, at most 1,000.', 0),
        problem: z
          .object({
            code: text('Its code.', 'connection_not_found'),
            detail: text('What is wrong.', 'There is no integration crm_1a2b3c4d.'),
          })
          .optional()
          .meta({ description: 'Why the run was refused.' }),
      })
      .optional()
      .meta({ description: 'The last scheduled time. Absent before the first.' }),
    createdBy: text('The name of its owner, a key or a person. Its runs act as this owner.', 'billing service'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Schedule', description: 'Creates runs at the times of a cron expression.' });
export type Schedule = z.infer<typeof Schedule>;

export const SchedulePage = z
  .object({ schedules: z.array(Schedule), nextCursor })
  .meta({ id: 'SchedulePage', description: 'A page of schedules, newest first.' });

const runCodes = [...schemaCodes, 'plan_invalid', ...selectionCodes] as const;

export const schedules = withTag('Schedules', {
  list: query({
    input: listInput('Schedules', {}),
    output: SchedulePage,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/schedules',
      summary: 'List schedules',
      success: 'One page of schedules.',
      description: 'The schedules of the workspace, newest first. A workspace has at most 100.',
    },
  }),
  create: mutation({
    input: CreateScheduleInput,
    output: Schedule,
    scope: 'runs:write',
    errors: codes('cron_invalid', 'schedule_limit_reached', ...runCodes),
    http: {
      route: 'POST /v1/schedules',
      status: 201,
      summary: 'Create a schedule',
      success: 'The schedule, with its next times.',
      description:
        'Creates a run at each time of `cron`, as the key or the person that created the schedule. After a downtime, one run is created late for all missed times; its events say how many. The schedule pauses when its owner may no longer create runs.',
    },
  }),
  preview: query({
    input: PreviewScheduleInput,
    output: SchedulePreview,
    scope: 'runs:read',
    errors: codes('cron_invalid'),
    http: {
      route: 'GET /v1/schedules/preview',
      summary: 'Preview the times of a schedule',
      success: 'The next five times.',
      description: 'Computes the times of `cron` in `timeZone`, also across clock changes. Stores nothing.',
    },
  }),
  get: query({
    input: ScheduleRef,
    output: Schedule,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/schedules/{scheduleId}',
      summary: 'Get a schedule',
      success: 'The schedule.',
      description: 'The schedule with its next times and the result of the last one.',
    },
  }),
  patch: mutation({
    input: PatchScheduleInput,
    output: Schedule,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes('not_found', 'cron_invalid', ...runCodes),
    http: {
      route: 'PATCH /v1/schedules/{scheduleId}',
      summary: 'Change a schedule',
      success: 'The changed schedule.',
      description:
        'Omitted fields stay unchanged. The caller that changes the errand or the times, or activates the schedule, becomes its owner: runs act as that caller. Also needs runs:read.',
    },
  }),
  delete: mutation({
    input: ScheduleRef,
    output: z.null(),
    scope: 'runs:write',
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/schedules/{scheduleId}',
      status: 204,
      summary: 'Delete a schedule',
      success: 'The schedule is deleted; there is no body.',
      description: 'Its runs stay.',
    },
  }),
  run: mutation({
    input: RunScheduleInput,
    output: CreationAnswer,
    scope: 'runs:write',
    errors: codes('not_found', ...creationCodes, ...runCodes),
    http: {
      route: 'POST /v1/schedules/{scheduleId}/run',
      status: 201,
      summary: 'Run a schedule now',
      success: 'The accepted run with scheduleId. With `Prefer: wait`, the run after the wait.',
      description:
        'Creates a run immediately, also while the schedule is paused. The run acts as the caller. A key without runs:read gets a CreatedRunHandle.',
      ...idempotentHeaders,
    },
  }),
});
