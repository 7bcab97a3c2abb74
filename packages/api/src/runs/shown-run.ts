import { contract, holds, type Principal, type Run, type RunHandle } from '@errand/contracts';

/** What a principal is answered about a run that it created or cancelled: all of it where it may read runs, else its handle. */
export const shownRun = <R extends Run>(principal: Principal, run: R): R | RunHandle =>
  readsRuns(principal) ? run : toHandle(run);

export const readsRuns = (principal: Principal): boolean => holds(principal, contract.runs.get.scope);

export const toHandle = ({ runId, status, executionPlanId, createdAt }: Run): RunHandle => ({
  runId,
  status,
  executionPlanId,
  createdAt,
});
