import type { CreatedRun, contract, DecisionProblem, RerunRunsInput, RunHandle } from '@errand/contracts';
import { newId } from '@errand/db';
import { type ActingPrincipal, actingPrincipal } from '../acting-for.ts';
import { attemptsOf } from '../attempts.ts';
import type { Context, Handler } from '../context.ts';
import { createRun } from './accept-run.ts';
import { createOnce } from './create-once.ts';
import { toRunHandle } from './run-or-handle.ts';

export const cancelMany: Handler<typeof contract.runs.cancelMany> = ({ input, ctx }) =>
  attemptEach(input.runIds, async (runId) =>
    toRunHandle(await ctx.deps.engine.cancel(ctx.principal.workspaceId, runId)),
  );

export const rerunMany: Handler<typeof contract.runs.rerunMany> = async ({ input, ctx }) => {
  const by = actingPrincipal(ctx.principal, input.onBehalfOf);
  return attemptEach(input.runIds, async (runId) => toRunHandle(await rerun(ctx, by, runId, input)));
};

async function attemptEach(runIds: readonly string[], work: (runId: string) => Promise<RunHandle>) {
  const attempt = attemptsOf('runs');
  const results: { runId: string; run?: RunHandle; error?: DecisionProblem }[] = [];
  for (const runId of runIds) results.push({ runId, ...(await attempt(async () => ({ run: await work(runId) }))) });
  return { results };
}

/** Creates the rerun of a run, once for each Idempotency-Key. */
async function rerun(
  ctx: Context,
  by: ActingPrincipal,
  runId: string,
  { runIds: _, idempotencyKey, ...request }: RerunRunsInput,
) {
  const body = { runId, ...request };
  const create = async (newRunId: string): Promise<CreatedRun> => {
    const prepared = await ctx.deps.engine.prepareRerun(ctx.principal.workspaceId, body);
    return createRun(ctx, by, newRunId, { ...prepared, rerunOf: runId });
  };
  if (idempotencyKey === undefined) return create(newId());
  const once = { operation: 'runs.rerunMany', idempotencyKey: `${idempotencyKey} ${runId}`, body };
  return JSON.parse(await createOnce(ctx, once, { waitMs: 0, reply: () => {} }, create)) as CreatedRun;
}
