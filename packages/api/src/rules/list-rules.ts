import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listRules: Handler<typeof contract.approvalRules.list> = ({ input, ctx }) =>
  ctx.workspaceDb.rules.list(input);
