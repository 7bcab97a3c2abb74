import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { refuseUnsupported } from '../not-supported.ts';
import { register } from './register.ts';
import { sourceOf } from './source.ts';

/** Reads what a service offers, from its OpenAPI document or as an MCP server, and makes a tool of each operation. */
export const createIntegration: Handler<typeof contract.integrations.create> = async ({ input, ctx, signal }) => {
  refuseUnsupported(input);
  const { workspaceId } = ctx.principal;
  const { deps, workspaceDb } = ctx;
  const created = await register(deps, { workspaceId, workspaceDb }, { ...input, source: sourceOf(input) }, signal);
  ctx.deps.accessChanged(workspaceId);
  return created;
};
