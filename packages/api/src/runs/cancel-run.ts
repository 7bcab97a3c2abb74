import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { runFor } from './run-for-reader.ts';

export const cancelRun: Handler<typeof contract.runs.cancel> = async ({ input, ctx }) =>
  runFor(ctx.principal, await ctx.deps.engine.cancel(ctx.principal.workspaceId, input.runId));
