import { type ApprovalRule, identityOf, itemLimitProblem, itemLimits, type JsonSchema } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import { newId } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

export type NewRule = {
  /** The id of the approval that creates the rule, so that each approval creates at most one. */
  approvalRuleId?: string;
  tool: string;
  userId?: string;
  argsSchema?: JsonSchema;
  expiresAt: Date;
  reason?: string;
};

/** @property after only rules that are older than this one */
type RuleFilter = {
  active?: boolean | undefined;
  userId?: string | undefined;
  tool?: string | undefined;
  after?: string | undefined;
  approvalRuleId?: string;
  limit: number;
};

export type ActiveRule = {
  approvalRuleId: string;
  tool: string;
  /** Null: every user. */
  userId: string | null;
  /** Null: any arguments. */
  argsSchema: JsonSchema | null;
  toolFingerprint: string;
  madeBy: string | null;
};

const omit = { workspaceId: true, customerIntegrationId: true, createdPrincipal: true } as const;
type RuleRow = Prisma.ApprovalRuleGetPayload<{ omit: typeof omit }>;

/** Approval rules allow calls without a decision request. Times are database times. */
export function rules(scoped: WorkspaceScope) {
  const { prisma, workspaceId, actor } = scoped;
  return {
    /**
     * Creates a rule for the current version of the tool. Returns null if the tool does not exist.
     * @throws ProblemError item_limit_reached
     */
    async create({ argsSchema, approvalRuleId = newId(), ...rule }: NewRule): Promise<ApprovalRule | null> {
      const tool = await prisma.tool.findFirst({ where: { workspaceId, name: rule.tool } });
      if (!tool) return null;
      const { customerIntegrationId, fingerprint: toolFingerprint } = tool;
      const data = {
        ...rule,
        workspaceId,
        approvalRuleId,
        customerIntegrationId,
        createdBy: actor.label,
        createdPrincipal: identityOf(actor),
        toolFingerprint,
        argsSchema: argsSchema as Prisma.InputJsonObject | undefined,
      };
      try {
        return await prisma.$transaction(async (tx) => {
          const row = await tx.approvalRule.create({ data, omit });
          await checkItemLimit(tx, workspaceId, 'approvalRules');
          await tx.audit.create(auditEntry(scoped, 'approval_rule.created', approvalRuleId, { tool: rule.tool }));
          return toRule(row, 'active');
        });
      } catch (error) {
        if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error;
        // the integration was deleted meanwhile
        if (error.code === 'P2003') return null;
        // the rule exists already
        if (error.code === 'P2002') return (await listRules(scoped, { approvalRuleId, limit: 1 }))[0] ?? null;
        throw error;
      }
    },

    /** Refuses early a rule that is created later. @throws ProblemError item_limit_reached */
    async checkLimit(approvalRuleId: string): Promise<void> {
      const where = {
        workspaceId,
        approvalRuleId: { not: approvalRuleId },
        revokedAt: null,
        expiresAt: { gt: new Date() },
      };
      if ((await prisma.approvalRule.count({ where })) >= itemLimits.approvalRules.max)
        throw itemLimitProblem('approvalRules');
    },

    /** Newest first. */
    list: (filter: RuleFilter): Promise<ApprovalRule[]> => listRules(scoped, filter),

    /** Returns null if the rule does not exist. Revoking again changes nothing. */
    async revoke(approvalRuleId: string): Promise<true | null> {
      return prisma.$transaction(async (tx) => {
        const [row] = await tx.$queryRaw<{ tool: string }[]>`
          UPDATE approval_rule SET revoked_at = clock_timestamp()
          WHERE workspace_id = ${workspaceId}::uuid AND approval_rule_id = ${approvalRuleId}::uuid AND revoked_at IS NULL
          RETURNING tool`;
        if (!row) return (await tx.approvalRule.count({ where: { workspaceId, approvalRuleId } })) > 0 ? true : null;
        await tx.audit.create(auditEntry(scoped, 'approval_rule.revoked', approvalRuleId, { tool: row.tool }));
        return true;
      });
    },

    async listActive(): Promise<ActiveRule[]> {
      return prisma.$queryRaw<ActiveRule[]>`
        SELECT approval_rule_id AS "approvalRuleId", tool, user_id AS "userId", args_schema AS "argsSchema",
          tool_fingerprint AS "toolFingerprint", created_principal AS "madeBy"
        FROM approval_rule
        WHERE workspace_id = ${workspaceId}::uuid AND revoked_at IS NULL AND expires_at > clock_timestamp()
        ORDER BY approval_rule_id`;
    },
  };
}

// Conditions of the rows, so that a page is full although the state depends on the tool and the time.
const STATE = Prisma.sql`CASE WHEN r.revoked_at IS NOT NULL THEN 'revoked' WHEN r.expires_at <= clock_timestamp() THEN 'expired'
  WHEN r.tool_fingerprint IS DISTINCT FROM t.fingerprint THEN 'tool_changed' ELSE 'active' END`;

type ListedRule = Omit<RuleRow, 'toolFingerprint'> & { state: ApprovalRule['state'] };

async function listRules(
  { prisma, workspaceId }: WorkspaceScope,
  { active, userId, tool, after, approvalRuleId, limit }: RuleFilter,
): Promise<ApprovalRule[]> {
  const only = (condition: Prisma.Sql, value: unknown) =>
    value === undefined ? Prisma.empty : Prisma.sql`AND ${condition}`;
  const rows = await prisma.$queryRaw<ListedRule[]>`
    SELECT * FROM (
      SELECT r.approval_rule_id AS "approvalRuleId", r.tool, r.user_id AS "userId", r.args_schema AS "argsSchema", r.reason,
        r.created_by AS "createdBy", r.created_at AS "createdAt", r.expires_at AS "expiresAt", r.revoked_at AS "revokedAt", ${STATE} AS state
      FROM approval_rule r LEFT JOIN tool t
        ON t.workspace_id = r.workspace_id AND t.customer_integration_id = r.customer_integration_id AND t.name = r.tool
      WHERE r.workspace_id = ${workspaceId}::uuid
        ${only(Prisma.sql`r.user_id = ${userId}`, userId)} ${only(Prisma.sql`r.tool = ${tool}`, tool)}
        ${only(Prisma.sql`r.approval_rule_id < ${after}::uuid`, after)}
        ${only(Prisma.sql`r.approval_rule_id = ${approvalRuleId}::uuid`, approvalRuleId)}
    ) AS rule WHERE true ${only(Prisma.sql`(state = 'active') = ${active}`, active)}
    ORDER BY "approvalRuleId" DESC LIMIT ${limit}::int`;
  return rows.map((row) => toFields<ApprovalRule>(row));
}

const toRule = ({ toolFingerprint: _, ...row }: RuleRow, state: ApprovalRule['state']): ApprovalRule =>
  toFields<ApprovalRule>({ ...row, state });
