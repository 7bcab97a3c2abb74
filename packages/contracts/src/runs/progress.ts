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
    iteration: optionalCount('The item of the list of the step, from 0; absent where it has none.', 2),
    state: oneOf(['running', 'retrying'], 'retrying: an attempt failed.', 'running'),
    attempt: z.int().min(1).meta(described('Which attempt this is.', 1)),
    at: Timestamp,
  })
  .meta({
    id: 'ProgressFrame',
    description:
      'A call is under way. On live streams alone: it has no id, is in no log and is never repeated. Some may be left out, for a reader who is slow and for calls that end at once.',
  });
export type ProgressFrame = z.infer<typeof ProgressFrame>;

export const RunStreamFrame = z.union([RunEvent, ProgressFrame]).meta({
  id: 'RunStreamFrame',
  description: 'What a stream of a run sends: its events, and with `progress` the calls that are under way.',
});
export type RunStreamFrame = z.infer<typeof RunStreamFrame>;
