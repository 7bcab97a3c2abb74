// A run as it is returned.
import { z } from 'zod';
import { Approver } from '../access/approver.ts';
import { Requester } from '../access/requester.ts';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { count, doc, oneOf, optionalCount, optionalText, optionalTime, text } from '../base/fields.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { RunStatus } from '../base/run-status.ts';
import { CustomerIntegrationId, ExecutionPlanId, RunId, ScheduleId, Timestamp, UserId } from '../base/scalars.ts';
import { WaitingOn } from '../decisions/waiting-on.ts';
import { Metadata, RunUser } from './create.ts';
import { RunEvent } from './event.ts';
import { ExecutionPlan } from './execution-plan.ts';
import { RunError, Summary, Usage } from './result.ts';

export const LeftOut = z
  .object({
    field: oneOf(
      ['intent', 'context', 'metadata', 'outputSchema', 'result', 'error', 'waitingOn'],
      'The field that is left out or shortened.',
      'result',
    ),
    bytes: optionalCount('Its size. Absent for a list.', 1048576),
    path: text('Path of the complete value.', '/v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'),
  })
  .meta({ id: 'LeftOut', description: 'A field of a run that did not fit in this answer.' });
export type LeftOut = z.infer<typeof LeftOut>;

export const WaitingFor = z
  .object({
    what: oneOf(
      ['slot', 'retry', 'start', 'human', 'suspect'],
      'slot: the run is due, but all workers are busy or the slots of the workspace are in use. retry: the database failed; the run is retried within seconds. start: startAt is in the future. human: see waitingOn. suspect: workers ended while they executed it, so a worker takes only one such run at a time.',
      'slot',
    ),
    since: Timestamp,
  })
  .meta({
    id: 'WaitingFor',
    description: 'Why no worker executes the run at this moment. Absent while one does, and after the end.',
  });

export const RunProgress = z
  .object({
    done: count('Steps that have ended.', 7),
    total: count('These, and the other steps of the present plan.', 12),
  })
  .meta({ id: 'RunProgress', description: 'The steps of the plans of a run. Another plan changes `total`.' });

export const RunPhases = z
  .object({
    queuedMs: count('From creation to start.', 12),
    planningMs: optionalCount('From start to the first plan. Absent if no planner was used.', 840),
    callsMs: count('The rest: calls, and the work between them.', 2310),
    waitingMs: count('With open requests to people. Those that overlap count once.', 0),
  })
  .meta({ id: 'RunPhases', description: 'The phases of an ended run, in ms.' });
export type RunPhases = z.infer<typeof RunPhases>;

export const Run = z
  .object({
    runId: RunId,
    repeatKey: text('Runs with the same key, intent, schema and user repeat one another.', 'weekly-sales'),
    repeatRunId: RunId.optional().meta({ description: 'The earlier run that this one repeats.' }),
    actionKey: optionalText('The action that was run.', 'large-deals'),
    rerunOf: RunId.optional().meta({ description: 'The run that this one reruns.' }),
    status: RunStatus,
    executionPlanId: ExecutionPlanId,
    events: z.array(RunEvent).meta({ description: 'The events. Only with includeEvents.' }),
    eventsTruncated: z.boolean().optional().meta({
      description:
        'True if `events` is incomplete. A list has the newest 100 events of a run and a single run the oldest 10,000, as far as they fit. After the retention period of events, only `end` is left. GET /v1/runs/{runId}/events reads on.',
    }),
    result: Json.optional().meta({ description: 'The result, in the shape of outputSchema when there is one.' }),
    error: RunError.optional(),
    summary: Summary.optional(),
    intent: text('The goal.', 'Create a summary of the latest sales data'),
    context: text('Details that are not in the intent.', 'Focus on Q4 2023 data with regional breakdown'),
    userId: UserId,
    user: RunUser.optional(),
    requestedBy: Requester.optional(),
    approvalStrategy: ApprovalStrategy.meta({
      description:
        'The requested strategy. The floors of the service (ERRAND_APPROVAL_FLOOR, four eyes) and of integrations (approvalFloor) apply in addition. waitingOn and the events show the actual requests.',
      examples: ['NONE'],
    }),
    approvers: z.array(Approver).optional().meta({
      description: 'Only these persons decide about approvals and uncertain effects. Absent if the run names none.',
    }),
    selectedCustomerIntegrationIds: z
      .array(z.string())
      .meta({ description: 'The allow-list of integrations; ["*"] is all active ones.', examples: [['*']] }),
    integrations: z
      .array(CustomerIntegrationId)
      .meta(doc('The integrations that it selected by id, and those of its plans.', ['crm_1a2b3c4d'])),
    progress: RunProgress.optional().meta({
      description: 'Absent before there is a plan, and for runs that an earlier version of the service planned.',
    }),
    outputSchema: JsonSchema.optional(),
    metadata: Metadata,
    scheduleId: ScheduleId.optional().meta({ description: 'The schedule that created it.' }),
    scheduledFor: optionalTime(
      'The scheduled time of the run. Absent if the run was created on demand.',
      '2026-02-02T08:00:00.000Z',
    ),
    startAt: optionalTime('Earliest start. Absent once it has passed.', '2026-02-02T08:00:00.000Z'),
    usage: Usage,
    phases: RunPhases.optional().meta({
      description:
        'In GET /v1/runs/{runId}, after the end; lists and answers that waited for the end may leave it out. Absent if the run never started.',
    }),
    waitingOn: z.array(WaitingOn).meta({ description: 'Actions that a person must take.', examples: [[]] }),
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
      'When the result and the arguments and outputs of calls were removed, after the retention period of outputs.',
      '2026-11-24T09:30:00.000Z',
    ),
  })
  .meta({ id: 'Run', description: 'An errand with its status and result.' });
export type Run = z.infer<typeof Run>;

/** The answer to keys that may create runs but not read them. */
export const RunHandle = Run.pick({ runId: true, status: true, executionPlanId: true, createdAt: true }).meta({
  id: 'RunHandle',
  description: 'The id and status of a run: the answer to keys without runs:read.',
});
export type RunHandle = z.infer<typeof RunHandle>;

const ANSWER_DESCRIPTION = 'run: the run with its plan. handle: its id and status, for keys without runs:read.';

export const CreatedRun = Run.extend({
  answer: z.literal('run').meta(doc(ANSWER_DESCRIPTION, 'run')),
  plan: ExecutionPlan,
}).meta({
  id: 'CreatedRun',
  description: 'A run together with its plan, which is a text placeholder until planning is done.',
});
/** A created run before it is known who reads it. */
export type CreatedRun = Omit<z.infer<typeof CreatedRun>, 'answer'>;

export const CreatedRunHandle = RunHandle.extend({
  answer: z.literal('handle').meta(doc(ANSWER_DESCRIPTION, 'handle')),
}).meta({
  id: 'CreatedRunHandle',
  description: 'The id and status of a created run: the answer to keys without runs:read.',
});

/** The answer to the creation of a run. `answer` says which of the two it is. */
export const CreationAnswer = z.discriminatedUnion('answer', [CreatedRun, CreatedRunHandle]);
export type CreationAnswer = z.infer<typeof CreationAnswer>;
