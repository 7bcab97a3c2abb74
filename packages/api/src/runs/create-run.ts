import type { CreatedRun, contract } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Handler } from '../context.ts';
import { createOnce } from './create-once.ts';
import { readWait } from './prefer.ts';
import { shownRun } from './shown-run.ts';

/** Accepts an errand. With `Prefer: wait=N` it answers when the run has ended or N seconds have passed. */
export const createRun: Handler<typeof contract.runs.create> = async ({ input, ctx, signal, reply }) => {
  const waitMs = readWait(input.prefer);
  const { engine, passThroughs } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const create = async (runId = newId()): Promise<CreatedRun> => {
    const sealed = await passThroughs.seal(workspaceId, runId, input);
    const created = await engine.create(workspaceId, input, runId, ctx.principal, sealed);
    return waitMs > 0 ? waitFor(created) : created;
  };
  const waitFor = async ({ runId, executionPlanId }: CreatedRun): Promise<CreatedRun> => {
    await engine.wait(workspaceId, runId, waitMs, signal);
    // Without a reader, and so without links: the answer is kept for who sends the request again, whatever key that is.
    const run = await engine.get(workspaceId, { runId, includeEvents: true, includeToolCalls: false });
    return { ...run, plan: await engine.plan(workspaceId, executionPlanId) };
  };
  if (waitMs > 0) reply({ headers: { 'preference-applied': `wait=${waitMs / 1000}` } });
  return input.idempotencyKey === undefined
    ? shownRun(ctx.principal, await create())
    : createOnce(ctx, input, input.idempotencyKey, waitMs, create, reply);
};
