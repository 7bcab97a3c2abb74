import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { checkRule } from './check-rule.ts';

/** Until it expires, the rule approves calls of a tool whose arguments match its schema. */
export const createRule: Handler<typeof contract.approvalRules.create> = async ({ input, ctx }) => {
  const { argsSchema, ...rule } = input;
  const expiresAt = new Date(rule.expiresAt);
  await checkRule(ctx, { expiresAt, argsSchema }, { expiresAt: '/expiresAt', argsSchema: '/argsSchema' });
  const created = orNotFound(await ctx.workspaceDb.rules.create({ ...rule, argsSchema, expiresAt }), 'tool');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return created;
};
