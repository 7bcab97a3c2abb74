import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { acceptRun } from './accept-run.ts';

export const rerun: Handler<typeof contract.runs.rerun> = ({ input, ctx, signal, reply }) => {
  const { engine } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const run = async () => ({ ...(await engine.prepareRerun(workspaceId, input)), rerunOf: input.runId });
  return acceptRun({ ctx, signal, reply }, { operation: 'runs.rerun', input, run });
};
