import { z } from 'zod';
import { described } from '../base/described.ts';
import { oneOf, optionalCount } from '../base/fields.ts';
import { RunId, StepId, Timestamp } from '../base/ids.ts';
import { RunEvent } from './event.ts';

export const ProgressFrame = z
  .object({
    type: z.literal('progress').meta({ description: 'The name of the frame.' }),
    runId: RunId,
    stepId: StepId,
    iteration: optionalCount('Index of the item of a `forEach` step, from 0. Absent for other steps.', 2),
    state: oneOf(['running', 'retrying'], 'retrying: an attempt failed.', 'running'),
    attempt: z.int().min(1).meta(described('Number of the attempt.', 1)),
    at: Timestamp,
  })
  .meta({
    id: 'ProgressFrame',
    description:
      'A call is running. Only on live streams: the frame has no id, is not stored and is never repeated. Frames may be left out for slow readers and for short calls.',
  });
export type ProgressFrame = z.infer<typeof ProgressFrame>;

export const RunStreamFrame = z.union([RunEvent, ProgressFrame]).meta({
  id: 'RunStreamFrame',
  description: 'A frame of the stream of a run: an event or, with `progress`, a running call.',
});
export type RunStreamFrame = z.infer<typeof RunStreamFrame>;
