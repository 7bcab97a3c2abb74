// Operations on several runs, which are answered one by one.
import { z } from 'zod';
import { RunId } from '../base/scalars.ts';
import { DecisionProblem } from '../decisions/pending.ts';
import { RerunInput } from './create.ts';
import { RunHandle } from './run.ts';

const runIds = z
  .array(RunId)
  .min(1)
  .max(100)
  .refine((ids) => new Set(ids.map((id) => id.toLowerCase())).size === ids.length, 'Must name each run once.')
  .meta({
    description: 'The runs, in the order of the results.',
    examples: [['0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01']],
  });

export const CancelRunsInput = z
  .strictObject({ runIds })
  .meta({ id: 'CancelRuns', description: 'Several runs to cancel.' });

const { mode, approvalStrategy, onBehalfOf, passThrough, idempotencyKey } = RerunInput.shape;

export const RerunRunsInput = z
  .strictObject({
    runIds,
    mode,
    approvalStrategy: approvalStrategy.meta({ description: 'Default: that of each run.', examples: ['ON_WRITE'] }),
    onBehalfOf,
    passThrough,
    idempotencyKey,
  })
  .meta({ id: 'RerunRuns', description: 'Several runs to rerun.' });
export type RerunRunsInput = z.output<typeof RerunRunsInput>;

const runResult = (run: string, operation: string) =>
  z.object({
    runId: RunId,
    run: RunHandle.optional().meta({ description: run }),
    error: DecisionProblem.optional().meta({ description: `The problem that ${operation} would answer.` }),
  });

const resultsOf = <Result extends z.ZodType>(result: Result) =>
  z.object({ results: z.array(result).meta({ description: 'One for each run, in their order.' }) });

const CancelResult = runResult('The cancelled run.', 'DELETE /v1/runs/{runId}').meta({
  id: 'CancelResult',
  description: 'The result of cancelling a run.',
});
export const CancelResults = resultsOf(CancelResult);

const RerunResult = runResult('The new run.', 'POST /v1/runs/{runId}/rerun').meta({
  id: 'RerunResult',
  description: 'The result of rerunning the run `runId`.',
});
export const RerunResults = resultsOf(RerunResult);
