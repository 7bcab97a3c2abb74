// The legal changes between the statuses of a run. No schema is imported, so that pages can load it cheaply.
import type { RunStatus } from './run-status.ts';

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
