import { type ApprovalRule, identityOf, type JsonSchema } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
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
  const read = async (where: Prisma.ApprovalRuleWhereInput) => {
    const rows = await prisma.approvalRule.findMany({
      where: { workspaceId, ...where },
      orderBy: { approvalRuleId: 'desc' },
      omit,
    });
    const names = [...new Set(rows.map(({ tool }) => tool))];
    const tools = await prisma.tool.findMany({
      where: { workspaceId, name: { in: names } },
      select: { name: true, fingerprint: true },
    });
    const [{ now } = { now: new Date() }] = await prisma.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
    const current = new Map(tools.map(({ name, fingerprint }) => [name, fingerprint]));
    return rows.map((row) => toRule(row, stateOf(row, now, current.get(row.tool))));
  };

  return {
    /** Creates a rule for the current version of the tool. Returns null if the tool does not exist. */
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
        const [row] = await prisma.$transaction([
          prisma.approvalRule.create({ data, omit }),
          prisma.audit.create(auditEntry(scoped, 'approval_rule.created', approvalRuleId, { tool: rule.tool })),
        ]);
        return toRule(row, 'active');
      } catch (error) {
        if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error;
        // the integration was deleted meanwhile
        if (error.code === 'P2003') return null;
        // the rule exists already
        if (error.code === 'P2002') return (await read({ approvalRuleId }))[0] ?? null;
        throw error;
      }
    },

    /** Newest first. @param active only active rules (true), or only inactive ones (false) */
    async list({ active }: { active?: boolean } = {}): Promise<ApprovalRule[]> {
      const all = await read({});
      return all.filter(({ state }) => active === undefined || (state === 'active') === active);
    },

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

function stateOf(row: RuleRow, now: Date, fingerprint: string | undefined): ApprovalRule['state'] {
  if (row.revokedAt) return 'revoked';
  if (row.expiresAt <= now) return 'expired';
  return row.toolFingerprint === fingerprint ? 'active' : 'tool_changed';
}

const toRule = ({ toolFingerprint: _, ...row }: RuleRow, state: ApprovalRule['state']): ApprovalRule =>
  toFields<ApprovalRule>({ ...row, state });
