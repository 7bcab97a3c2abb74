// The state of the instance, as its operators see it.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { count, doc, flag, optionalCount, optionalText, optionalTime, text } from '../base/fields.ts';
import { Timestamp } from '../base/scalars.ts';

/** A part that a database role may not be allowed to read, or that is not read in time. */
const orUnknown = <Part extends z.ZodType>(part: Part, description: string) =>
  z
    .union([part, z.literal('unknown')])
    .meta({ description: `${description} \`unknown\`: the login may not read it, or not in time.` });

const seconds = (description: string) => z.number().min(0).meta(doc(description, 2.5));

const WorkerPool = z
  .object({
    workerPoolId: text('Its id.', '0192f0c1-7a43-7c44-9d32-6e0f4a8b7c35'),
    host: text('Its machine and process.', 'errand-1 (process 71)'),
    startedAt: Timestamp,
    heartbeatAt: Timestamp,
    isAlive: flag('Whether its last heartbeat is recent.', true),
  })
  .meta({ id: 'WorkerPool', description: 'The worker of a process.' });

const ServiceProcess = z
  .object({
    host: text('Its machine and process.', 'errand-1 (process 71)'),
    seenAt: Timestamp,
    masterKeyIds: z.array(z.string()).meta(doc('Ids of the master keys that it has.', ['k2', 'k1'])),
    sealingKeyId: text('Id of the master key with which it seals.', 'k2'),
  })
  .meta({ id: 'ServiceProcess', description: 'A process that reported within the last 15 seconds.' });

export const SystemStatus = z
  .object({
    readAt: Timestamp.meta({ description: 'When it was read. An answer may be five seconds old.' }),
    version: text('The version of the service.', '0.2.0'),
    nodeVersion: text('The version of Node of the process that answers.', 'v24.11.0'),
    postgresVersion: orUnknown(z.string(), 'The version of Postgres.'),
    migrations: orUnknown(
      z.object({
        last: optionalText('The last migration of the database.', '20261129213000_workspaces'),
        appliedAt: optionalTime('When it was applied.'),
        pending: z.array(z.string()).meta(doc('Migrations of this version that the database lacks.', [])),
      }),
      'The migrations of the database.',
    ),
    workers: orUnknown(z.array(WorkerPool).max(100), 'The workers, most recent heartbeat first; at most 100.'),
    processes: orUnknown(z.array(ServiceProcess).max(100), 'The processes; at most 100.'),
    queue: orUnknown(
      z.object({
        due: count('Runs that wait for a worker or a slot.', 3),
        claimed: count('Runs that workers execute.', 12),
        oldestDueSeconds: seconds('The time since the last change of the run that has waited longest.').optional(),
        heldSince: optionalTime(
          'When the database was restored from a backup. No run starts until `errand resume`. Absent: it is not held.',
        ),
      }),
      'The queue.',
    ),
    model: z
      .object({
        isConfigured: flag('Whether a model plans.', true),
        provider: optionalText('Its provider.', 'openai'),
        name: optionalText('Its name.', 'gpt-5-mini'),
        lastCall: z
          .object({ at: Timestamp, succeeded: flag('Whether the model answered.', true) })
          .optional()
          .meta({
            description: 'The last request of a planner of this process to the model. Absent: none since its start.',
          }),
      })
      .meta({ description: 'The model of the process that answers. Reading the status calls no model.' }),
    retention: z
      .object({
        eventDays: optionalCount('Days that events are kept. Absent: without limit.', 30),
        outputDays: optionalCount('Days that outputs are kept. Absent: without limit.', 30),
        runDays: optionalCount('Days that runs are kept. Absent: without limit.', 365),
        webhookDays: optionalCount('Days that deliveries are kept. Absent: without limit.', 30),
      })
      .meta({ description: 'How long data are kept.' }),
    database: z.object({
      bytes: orUnknown(z.int().min(0), 'The size of the database.'),
      connections: orUnknown(
        z.object({
          used: count('Open connections to all databases of the server.', 34),
          max: count('Connections that the server accepts.', 200),
        }),
        'Connections.',
      ),
      oldestSnapshot: orUnknown(
        z.object({
          transactions: optionalCount(
            'Transactions since the oldest snapshot of a session. Vacuum keeps row versions that it can see. Absent: no session has a snapshot.',
            120,
          ),
          seconds: seconds('The duration of that transaction.').optional(),
          application: optionalText('The application of that session.', 'pg_dump'),
        }),
        'The oldest open snapshot.',
      ),
      unusedIndexes: orUnknown(
        z.object({
          since: optionalTime('When the statistics were reset. Absent: never.'),
          indexes: z
            .array(
              z.object({
                table: text('Its table.', 'run'),
                index: text('Its name.', 'run_words'),
                bytes: count('Its size.', 8192),
              }),
            )
            .max(50)
            .meta({ description: 'The indexes, largest first; at most 50.' }),
        }),
        'Indexes that no query has used since, without those of constraints.',
      ),
    }),
  })
  .meta({ id: 'SystemStatus', description: 'The state of the instance.' });
export type SystemStatus = z.infer<typeof SystemStatus>;

export const system = withTag('Instance', {
  status: query({
    input: z.strictObject({}),
    output: SystemStatus,
    scope: null,
    callers: 'instance',
    http: {
      route: 'GET /v1/system/status',
      summary: 'Get the state of the instance',
      success: 'The state.',
      description:
        'Versions, migrations, workers, the queue and the database. Operators of the instance and the platform key may call it. An answer may be five seconds old; reading it is bounded by a few seconds.',
    },
  }),
});
