import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const resolveEffect: Handler<typeof contract.effects.resolve> = ({ input, ctx }) =>
  ctx.deps.engine.resolveEffect(ctx.principal.workspaceId, input, ctx.principal);
