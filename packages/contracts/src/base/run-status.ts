// The statuses of a run, and the legal changes between them.
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

/** Every legal change of a run's status. */
export const transitions = {
  QUEUED: ['RUNNING', 'CANCELED', 'FAILED'],
  RUNNING: ['AUTH_REQUIRED', 'PAUSED', 'SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'],
  AUTH_REQUIRED: ['RUNNING', 'PAUSED', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'],
  PAUSED: ['RUNNING', 'AUTH_REQUIRED', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'],
  SUCCESS: [],
  PARTIAL_SUCCESS: [],
  NO_SUCCESS: [],
  FAILED: [],
  CANCELED: [],
} as const satisfies Record<RunStatus, readonly RunStatus[]>;

/** Whether a run may change from one status to another. Keeping its status is always legal. */
export const isLegalTransition = (from: RunStatus, to: RunStatus): boolean =>
  from === to || (transitions[from] as readonly RunStatus[]).includes(to);

/** Whether nothing more can happen to a run of this status. */
export const isTerminal = (status: RunStatus): boolean => transitions[status].length === 0;

/** Whether a run of this status waits for a human. */
export const isWaiting = (status: RunStatus): boolean => status === 'AUTH_REQUIRED' || status === 'PAUSED';
