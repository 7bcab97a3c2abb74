// The statuses of a run.
import { z } from 'zod';

export const RunStatus = z
  .enum([
    'QUEUED',
    'RUNNING',
    'AUTH_REQUIRED',
    'PAUSED',
    'SUCCESS',
    'PARTIAL_SUCCESS',
    'NO_SUCCESS',
    'FAILED',
    'CANCELED',
  ])
  .meta({
    id: 'RunStatus',
    description:
      'SUCCESS: the goal was reached and the result fits outputSchema. PARTIAL_SUCCESS: something was changed or part of the result was produced, and something failed, was denied or the budget ran out. NO_SUCCESS: nothing broke, but the goal could not be reached and nothing was changed. CANCELED: a caller cancelled, or a human denied all that was left, with nothing changed. FAILED: something broke.',
    examples: ['RUNNING'],
  });
export type RunStatus = z.infer<typeof RunStatus>;
