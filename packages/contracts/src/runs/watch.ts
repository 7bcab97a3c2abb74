import { z } from 'zod';
import { count, flag, frame } from '../base/fields.ts';
import { RunId, Timestamp } from '../base/ids.ts';
import { RunStatus } from '../base/run-status.ts';
import { runFilter } from './list.ts';

const FrameId = z
  .string()
  .regex(/^[0-9a-f]{16}-\d{1,15}$/, 'Must be the id of a frame.')
  .meta({ errorCode: 'invalid_event_id', examples: ['9f86d081884c7d65-42'] });

export const WatchRunsInput = z.strictObject({
  ...runFilter,
  /** tRPC's subscription link sends the last id under this name; over REST it is the Last-Event-ID header. */
  lastEventId: FrameId.optional().meta({
    errorCode: 'invalid_event_id',
    description: 'The id of the last frame received.',
    examples: ['9f86d081884c7d65-42'],
  }),
});
export type WatchRunsInput = z.output<typeof WatchRunsInput>;

const seq = count(
  'The number of the newest event of the run. Of two things known of a run, the one with the larger seq is newer.',
  4,
);

const SnapshotFrame = frame(
  'snapshot',
  'SnapshotFrame',
  'All later changes follow. Sent first, and again whenever changes may have been missed.',
  {
    resumed: flag(
      'false: read the list now (GET /v1/runs with the same filters). true: what was missed since Last-Event-ID follows.',
      false,
    ),
    at: Timestamp,
  },
);

const RunFrame = frame('run', 'RunFrame', 'A run that the list has was created or has changed.', {
  runId: RunId,
  status: RunStatus,
  seq,
  updatedAt: Timestamp,
  changed: z.array(z.enum(['created', 'status', 'events'])).meta({
    description:
      'What has changed since the frame before about this run. created: the list has it from now on. Changes that follow each other closely are one frame.',
    examples: [['status', 'events']],
  }),
});

const GoneFrame = frame(
  'gone',
  'GoneFrame',
  'A run no longer fits the filters; leave it out if you have it. Within half a minute of a snapshot it may name a run that never fitted. Runs that are removed because of their age are not told.',
  {
    runId: RunId,
    seq,
  },
);

export const ListFrame = z
  .discriminatedUnion('type', [SnapshotFrame, RunFrame, GoneFrame])
  .meta({ id: 'ListFrame', description: 'A frame of the live list.' });
export type ListFrame = z.infer<typeof ListFrame>;
