import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { refuseIdempotencyKey } from '../refuse-idempotency-key.ts';
import { register } from './register.ts';
import { sourceOf } from './source.ts';

/** Reads the operations of a service from its OpenAPI document or MCP server, and makes each of them a tool. */
export const createIntegration: Handler<typeof contract.integrations.create> = async ({ input, ctx, signal }) => {
  refuseIdempotencyKey(input.idempotencyKey);
  const { workspaceId } = ctx.principal;
  const { deps, workspaceDb } = ctx;
  const created = await register(deps, { workspaceId, workspaceDb }, { ...input, source: sourceOf(input) }, signal);
  ctx.deps.accessChanged(workspaceId);
  return created;
};
