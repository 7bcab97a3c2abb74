import { actingDb, actingPrincipal } from '../acting-for.ts';
import type { ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { checkRule } from './check-rule.ts';

/** Rules that approve calls without a person. */
export const approvalRules: ContractHandlers['approvalRules'] = {
  list: async ({ input: { pageSize, cursor, ...filters }, ctx }) => {
    const list = { name: 'approvalRules.list', ownerId: ctx.principal.workspaceId, filters };
    const { rows, ...next } = await ctx.deps.lists.read(
      list,
      { pageSize, cursor },
      {
        read: (after: string | undefined, limit) => ctx.workspaceDb.rules.list({ ...filters, after, limit }),
        positionOf: ({ approvalRuleId }) => approvalRuleId,
      },
    );
    return { approvalRules: rows, ...next };
  },
  /** Until it expires, the rule approves calls of a tool whose arguments match its schema. */
  create: async ({ input, ctx }) => {
    const { argsSchema, onBehalfOf, ...rule } = input;
    const rulesDb = actingDb(ctx, actingPrincipal(ctx.principal, onBehalfOf)).rules;
    const expiresAt = new Date(rule.expiresAt);
    await checkRule(ctx, { expiresAt, argsSchema }, { expiresAt: '/expiresAt', argsSchema: '/argsSchema' });
    const created = orNotFound(await rulesDb.create({ ...rule, argsSchema, expiresAt }), 'tool');
    ctx.deps.accessChanged(ctx.principal.workspaceId);
    return created;
  },
  revoke: async ({ input, ctx }) => {
    orNotFound(await ctx.workspaceDb.rules.revoke(input.approvalRuleId), 'approval rule');
    ctx.deps.accessChanged(ctx.principal.workspaceId);
    return null;
  },
};
