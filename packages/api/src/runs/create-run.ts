import type { CreatedRun, contract } from '@errand/contracts';
import { newId } from '@errand/db';
import { AnswerText } from '@errand/engine';
import { raw } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { createOnce } from './create-once.ts';
import { readWait } from './prefer.ts';
import { readsRuns, runFor, toHandle } from './run-for-reader.ts';
import { withPlan } from './with-plan.ts';

/** Accepts an errand. With `Prefer: wait=N` it answers when the run has ended or N seconds have passed. */
export const createRun: Handler<typeof contract.runs.create> = async ({ input, ctx, signal, reply }) => {
  const waitMs = readWait(input.prefer);
  const { engine, passThroughs } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const create = async (runId = newId()): Promise<CreatedRun | AnswerText<CreatedRun>> => {
    const sealed = await passThroughs.seal(workspaceId, runId, input);
    const created = await engine.create(workspaceId, input, { runId, by: ctx.principal, sealedPassThrough: sealed });
    return waitMs > 0 ? waitFor(created) : created;
  };
  const waitFor = async ({ runId, executionPlanId }: CreatedRun): Promise<AnswerText<CreatedRun>> => {
    await engine.wait(workspaceId, runId, waitMs, signal);
    // Without links: the answer is stored for a repeated request, which may come with another key.
    return withPlan(engine, workspaceId, { runId, includeEvents: true, executionPlanId }, ctx.room);
  };
  if (waitMs > 0) reply({ headers: { 'preference-applied': `wait=${waitMs / 1000}` } });
  const { idempotencyKey } = input;
  if (idempotencyKey !== undefined) return createOnce(ctx, { ...input, idempotencyKey }, { waitMs, reply }, create);
  const created = await create();
  if (!(created instanceof AnswerText)) return runFor(ctx.principal, created);
  return readsRuns(ctx.principal) ? raw<CreatedRun>(created.pieces) : toHandle(created.value());
};
