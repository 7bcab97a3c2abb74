import { type Approval, type DecideApprovalInput, problem } from '@errand/contracts';
import type { Context } from '../context.ts';
import { checkRule } from '../rules/check-rule.ts';
import { exactly } from '../rules/exactly.ts';

/** How long `always` holds when the caller does not say. */
const ALWAYS_MS = 30 * 86_400_000;

/**
 * Decides about one plan or call. `always` makes an approval rule as well, once for each approval.
 * @throws ProblemError as the engine does; validation_failed and schema_* for `always`, before anything is decided
 */
export async function decideOne(ctx: Context, { always, ...input }: DecideApprovalInput): Promise<Approval> {
  const { engine } = ctx.deps;
  const { workspaceId } = ctx.principal;
  if (!always) return engine.decideApproval(workspaceId, input, ctx.principal);
  const { approvalId, decision, reason } = input;
  const { tool, userId, args } = await engine.approval(workspaceId, approvalId);
  if (decision !== 'approve') throw misplaced('Goes with the decision approve.');
  if (tool === undefined) throw misplaced('Is for calls: a plan has no approval rule.');
  if (Array.isArray(args) && !always.argsSchema) throw misplaced('Is about several calls: send argsSchema, too.');
  const expiresAt = always.until === undefined ? new Date(Date.now() + ALWAYS_MS) : new Date(always.until);
  const argsSchema = always.argsSchema ?? exactly(input.args ?? args ?? {});
  await checkRule(ctx, { expiresAt, argsSchema }, { expiresAt: '/always/until', argsSchema: '/always/argsSchema' });
  const approval = await engine.decideApproval(workspaceId, input, ctx.principal);
  const rule = await ctx.workspaceDb.rules.create({
    approvalRuleId: approvalId,
    tool,
    userId,
    expiresAt,
    argsSchema,
    ...(reason !== undefined && { reason }),
  });
  ctx.deps.accessChanged(workspaceId);
  // Without the tool there is nothing that a rule could allow.
  return rule ? { ...approval, approvalRuleId: rule.approvalRuleId } : approval;
}

const misplaced = (message: string) =>
  problem('validation_failed', 'There is no rule for this decision.', { errors: [{ pointer: '/always', message }] });
