import { isRecord } from '@errand/basics/is-record';
import { type Approval, type DecideApprovalInput, type Json, type JsonSchema, problem } from '@errand/contracts';
import { type ActingPrincipal, actingDb } from '../acting-for.ts';
import type { Context } from '../context.ts';
import { checkRule } from '../rules/check-rule.ts';
import { forReader } from '../user-tokens/answers.ts';
import { isOfToken } from '../user-tokens/confine.ts';
import { ownDecision, type TokenContext } from '../user-tokens/rules.ts';

/** Default life of a rule that `always` creates. */
const RULE_MS = 30 * 86_400_000;

/**
 * Decides about one plan or call. `always` also creates an approval rule, once for each approval.
 * @throws ProblemError as the engine does; validation_failed and schema_* for `always`, before the decision
 */
type Decision = Omit<DecideApprovalInput, 'onBehalfOf'>;

export function decideApproval(ctx: Context, by: ActingPrincipal, decision: Decision): Promise<Approval> {
  return isOfToken(ctx) ? decideOwn(ctx, by, decision) : decideAndAllow(ctx, by, decision);
}

async function decideOwn(ctx: Context & TokenContext, by: ActingPrincipal, decision: Decision): Promise<Approval> {
  return forReader(ctx.principal, await decideAndAllow(ctx, by, await ownDecision(ctx, decision)));
}

async function decideAndAllow(
  ctx: Context,
  by: ActingPrincipal,
  { always: newRule, ...input }: Decision,
): Promise<Approval> {
  const { engine } = ctx.deps;
  const { workspaceId } = ctx.principal;
  if (!newRule) return engine.decideApproval(workspaceId, input, by);
  const { approvalId, decision, reason } = input;
  const { tool, userId, args } = await engine.readApproval(workspaceId, approvalId);
  if (decision !== 'approve') throw invalidAlways('Works only with the decision approve.');
  if (tool === undefined) throw invalidAlways('Works only for calls, not for plans.');
  if (Array.isArray(args) && !newRule.argsSchema) throw invalidAlways('Needs argsSchema for several calls.');
  const expiresAt = newRule.until === undefined ? new Date(Date.now() + RULE_MS) : new Date(newRule.until);
  const argsSchema = newRule.argsSchema ?? exactSchema(input.args ?? args ?? {});
  await checkRule(ctx, { expiresAt, argsSchema }, { expiresAt: '/always/until', argsSchema: '/always/argsSchema' });
  const { rules } = actingDb(ctx, by);
  await rules.checkLimit(approvalId);
  const approval = await engine.decideApproval(workspaceId, input, by);
  const rule = await rules.create({
    approvalRuleId: approvalId,
    tool,
    userId,
    expiresAt,
    argsSchema,
    ...(reason !== undefined && { reason }),
  });
  ctx.deps.accessChanged(workspaceId);
  // A rule needs the tool, which may have been removed meanwhile.
  return rule ? { ...approval, approvalRuleId: rule.approvalRuleId } : approval;
}

const invalidAlways = (message: string) =>
  problem('validation_failed', 'This decision cannot create an approval rule.', {
    errors: [{ pointer: '/always', message }],
  });

/** A JSON Schema that accepts only these arguments. */
function exactSchema(args: Json): JsonSchema {
  if (!isRecord(args)) return { const: args };
  const members = Object.entries(args);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([key, value]) => [key, exactSchema(value as Json)])),
    required: members.map(([key]) => key),
    additionalProperties: false,
  };
}
