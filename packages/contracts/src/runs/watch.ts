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
  'The number of the newest event of the run. Of two states of a run, the one with the larger seq is newer.',
  4,
);

const SnapshotFrame = frame(
  'snapshot',
  'SnapshotFrame',
  'All later changes follow. Sent first, and again whenever changes may have been missed.',
  {
    resumed: flag(
      'false: read the list now (GET /v1/runs with the same filters). true: the changes since Last-Event-ID follow.',
      false,
    ),
    at: Timestamp,
  },
);

const RunFrame = frame('run', 'RunFrame', 'A run of the list was created or changed.', {
  runId: RunId,
  status: RunStatus,
  seq,
  updatedAt: Timestamp,
  changed: z.array(z.enum(['created', 'status', 'events'])).meta({
    description:
      'The changes since the previous frame about this run. created: the run is new in the list. Changes in quick succession share a frame.',
    examples: [['status', 'events']],
  }),
});

const GoneFrame = frame(
  'gone',
  'GoneFrame',
  'A run no longer matches the filters; remove it if you have it. Within half a minute of a snapshot, the run may never have matched. Runs that are removed because of their age have no such frame.',
  {
    runId: RunId,
    seq,
  },
);

export const ListFrame = z
  .discriminatedUnion('type', [SnapshotFrame, RunFrame, GoneFrame])
  .meta({ id: 'ListFrame', description: 'A frame of the live list.' });
export type ListFrame = z.infer<typeof ListFrame>;
