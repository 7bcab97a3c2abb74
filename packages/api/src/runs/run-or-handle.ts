import { contract, holds, type Principal, type Run, type RunHandle } from '@errand/contracts';
import { forReader } from '../user-tokens/answers.ts';

/** The answer to a principal that created or canceled a run: the run if the principal may read runs, else its handle. */
export const runOrHandle = <R extends Run>(principal: Principal, run: R): R | RunHandle =>
  mayReadRuns(principal) ? forReader(principal, run) : toRunHandle(run);

export const mayReadRuns = (principal: Principal): boolean => holds(principal, contract.runs.get.scope);

export const toRunHandle = ({ runId, status, executionPlanId, createdAt }: Run): RunHandle => ({
  runId,
  status,
  executionPlanId,
  createdAt,
});
