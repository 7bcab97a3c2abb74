import type { RunStatus } from '@errand/contracts';

/** The exit codes of every command; docs/cli.md describes them. */
export const exitCodes = {
  success: 0,
  error: 1,
  usage: 2,
  failed: 3,
  signIn: 4,
  noSuccess: 5,
  partialSuccess: 6,
  waits: 7,
  canceled: 8,
  timeout: 9,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const endedRuns: Readonly<Partial<Record<RunStatus, ExitCode>>> = {
  SUCCESS: exitCodes.success,
  PARTIAL_SUCCESS: exitCodes.partialSuccess,
  NO_SUCCESS: exitCodes.noSuccess,
  FAILED: exitCodes.failed,
  CANCELED: exitCodes.canceled,
};

/** The exit code of a command that followed a run: that of its end, or `waits` for a run that is open. */
export const exitCodeOfRun = (status: RunStatus): ExitCode => endedRuns[status] ?? exitCodes.waits;
