import { z } from 'zod';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { oneOf, optionalCount, optionalText, optionalTime, text } from '../base/fields.ts';
import { ExecutionPlanId, RunId, ScheduleId, Timestamp, UserId } from '../base/ids.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { RunStatus } from '../base/run-status.ts';
import { WaitingOn } from '../decisions/waiting-on.ts';
import { Metadata, RunUser } from './create.ts';
import { RunEvent } from './event.ts';
import { ExecutionPlan } from './execution-plan.ts';
import { RunError, Summary, Usage } from './result.ts';

export const LeftOut = z
  .object({
    field: oneOf(
      ['intent', 'context', 'metadata', 'outputSchema', 'result', 'error', 'waitingOn'],
      'What is left out, or shown in part.',
      'result',
    ),
    bytes: optionalCount('How large it is; absent for a list.', 1048576),
    path: text('Where it is read.', '/v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'),
  })
  .meta({ id: 'LeftOut', description: 'A part of a run that had no room in this answer.' });
export type LeftOut = z.infer<typeof LeftOut>;

export const WaitingFor = z
  .object({
    what: oneOf(
      ['slot', 'retry', 'start', 'human', 'suspect'],
      'slot: due, and no worker has taken it yet, because all are busy or the slots of the workspace are in use. retry: the database was in trouble, and it is tried again within seconds. start: its startAt has not come. human: see waitingOn. suspect: workers ended while they carried it out, so that a worker takes one such run at a time.',
      'slot',
    ),
    since: Timestamp,
  })
  .meta({
    id: 'WaitingFor',
    description:
      'Why nobody carries out the run at this moment. Absent while it is carried out, and once it has ended.',
  });

export const Run = z
  .object({
    runId: RunId,
    repeatKey: text('Runs with the same key, intent, schema and user repeat one another.', 'weekly-sales'),
    repeatRunId: RunId.optional().meta({ description: 'The earlier run whose plan this one executes again.' }),
    actionKey: optionalText('The action that was run.', 'large-deals'),
    rerunOf: RunId.optional().meta({ description: 'The run that this one was made from by rerun.' }),
    status: RunStatus,
    executionPlanId: ExecutionPlanId,
    events: z.array(RunEvent).meta({ description: 'The events, when asked for by includeEvents.' }),
    eventsTruncated: z.boolean().optional().meta({
      description:
        'True when `events` does not hold them all: a list shows the newest 100 of a run as far as they have room, a run the oldest 10,000 as far as they have room, and of a run whose events the service is set to keep no longer only `end` is left. GET /v1/runs/{runId}/events reads on.',
    }),
    result: Json.optional().meta({ description: 'The result, in the shape of outputSchema when there is one.' }),
    error: RunError.optional(),
    summary: Summary.optional(),
    intent: text('The goal.', 'Create a summary of the latest sales data'),
    context: text('Execution detail.', 'Focus on Q4 2023 data with regional breakdown'),
    userId: UserId,
    user: RunUser.optional(),
    approvalStrategy: ApprovalStrategy.meta({
      description:
        'What the run asked for. The floors of the service (ERRAND_APPROVAL_FLOOR, four eyes) and of integrations (approvalFloor) are asked beside it: what was asked about shows in waitingOn and in the events.',
      examples: ['NONE'],
    }),
    selectedCustomerIntegrationIds: z
      .array(z.string())
      .meta({ description: 'The allow-list of integrations; ["*"] is all active ones.', examples: [['*']] }),
    outputSchema: JsonSchema.optional(),
    metadata: Metadata,
    scheduleId: ScheduleId.optional().meta({ description: 'The schedule that created it.' }),
    scheduledFor: optionalTime(
      'The time of the schedule for which it was created; absent when somebody asked for it.',
      '2026-02-02T08:00:00.000Z',
    ),
    startAt: optionalTime('When it may start; absent once it has come.', '2026-02-02T08:00:00.000Z'),
    usage: Usage,
    waitingOn: z.array(WaitingOn).meta({ description: 'What a person must do.', examples: [[]] }),
    waitingFor: WaitingFor.optional(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    startedAt: Timestamp.optional(),
    endedAt: Timestamp.optional(),
    leftOut: z.array(LeftOut).optional().meta({
      description:
        'Fields that did not fit, in a list of large runs. They are absent, `""` (context), `{}` (metadata), or cut to 200 characters (intent, the message of error).',
    }),
    outputsRemovedAt: optionalTime(
      'When the result and the arguments and outputs of calls were removed, because of the retention that the service is set to.',
      '2026-11-24T09:30:00.000Z',
    ),
  })
  .meta({ id: 'Run', description: 'An errand: what was asked, its status, and its result.' });
export type Run = z.infer<typeof Run>;

/** What a key sees of a run that it may create but not read. */
export const RunHandle = Run.pick({ runId: true, status: true, executionPlanId: true, createdAt: true }).meta({
  id: 'RunHandle',
  description: 'The id and status of a run: the answer to keys without runs:read.',
});
export type RunHandle = z.infer<typeof RunHandle>;

export const CreatedRun = Run.extend({ plan: ExecutionPlan }).meta({
  id: 'CreatedRun',
  description: 'A run together with its plan, which is a text placeholder until planning is done.',
});
export type CreatedRun = z.infer<typeof CreatedRun>;
