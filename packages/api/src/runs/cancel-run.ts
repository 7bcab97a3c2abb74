import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { shownRun } from './shown-run.ts';

export const cancelRun: Handler<typeof contract.runs.cancel> = async ({ input, ctx }) =>
  shownRun(ctx.principal, await ctx.deps.engine.cancel(ctx.principal.workspaceId, input.runId));
