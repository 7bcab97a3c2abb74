import { problem, type ToolChange, type ToolDefinition } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import { queryRow } from '../statements/scope.ts';
import { definitionOf } from '../tools/tool-row.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { type IntegrationKey, type Transaction, updateReview } from './refresh.ts';
import { reviewed } from './tool-choice.ts';

type ChangeRow = Pick<ToolChange, 'name' | 'enabled' | 'fingerprint'> & {
  change: NonNullable<ToolChange['change']> | null;
  accepted: ToolDefinition | null;
  current: ToolDefinition;
};

/** The review of single tools by the owner of an integration. */
export function toolReview(scoped: WorkspaceScope) {
  const { prisma, workspaceId } = scoped;
  /** Returns null if there is no such tool. */
  const change = async (customerIntegrationId: string, name: string): Promise<ToolChange | null> => {
    const row = await queryRow<ChangeRow>(scoped, {
      text: `SELECT t.name, t.enabled, t.fingerprint, t.change, t.accepted, ${definitionOf('t')} AS current FROM tool t
        WHERE t.workspace_id = $1 AND t.customer_integration_id = $2 AND t.name = $3`,
      values: [customerIntegrationId, name],
    });
    return row && toChange(row);
  };
  return {
    change,

    /**
     * Ends the review of a tool in the version of a fingerprint; a removed tool is deleted. Returns null if there is no such tool.
     * @throws ProblemError tool_version_changed
     */
    async accept(
      customerIntegrationId: string,
      name: string,
      choice: { fingerprint: string; enabled: boolean },
    ): Promise<ToolChange | null> {
      const where = { workspaceId, customerIntegrationId, name };
      return prisma.$transaction(async (tx) => {
        const tool = await lockTool(tx, where, choice.fingerprint);
        if (!tool) return null;
        const review = await change(customerIntegrationId, name);
        const isRemoved = tool.change === 'removed';
        const enabled = choice.enabled && !isRemoved;
        if (isRemoved) await tx.tool.deleteMany({ where });
        else await tx.tool.updateMany({ where, data: { enabled, ...reviewed } });
        await updateReview(tx, { workspaceId, customerIntegrationId }, {});
        const details = { [enabled ? 'enabled' : 'disabled']: [name], accepted: choice.fingerprint };
        await tx.audit.create(auditEntry(scoped, 'tools.chosen', customerIntegrationId, details));
        return review && (isRemoved ? review : withoutChange({ ...review, enabled }));
      });
    },
  };
}

/** Returns null if there is no such tool. @throws ProblemError tool_version_changed */
async function lockTool(
  tx: Transaction,
  { workspaceId, customerIntegrationId, name }: IntegrationKey & { name: string },
  fingerprint: string,
): Promise<{ change: string | null } | null> {
  const where = { workspaceId, customerIntegrationId };
  // Locks the integration before its tools, in the same order as a refresh, to avoid deadlocks.
  await tx.$executeRaw`SELECT 1 FROM integration
    WHERE workspace_id = ${workspaceId}::uuid AND customer_integration_id = ${customerIntegrationId} FOR UPDATE`;
  const tool = await tx.tool.findFirst({ where: { ...where, name }, select: { change: true, fingerprint: true } });
  if (tool === null || tool.fingerprint === fingerprint) return tool;
  throw problem('tool_version_changed', `The tool ${name} has changed since this fingerprint was read.`);
}

const withoutChange = ({ change: _, before: __, ...tool }: ToolChange): ToolChange => tool;

function toChange({ change, accepted, current, ...tool }: ChangeRow): ToolChange {
  const before = accepted ?? (change === 'removed' ? current : null);
  return {
    ...tool,
    ...(change !== null && { change }),
    ...(before !== null && { before }),
    ...(change !== 'removed' && { after: current }),
  };
}
