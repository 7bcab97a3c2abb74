import { problem, type Tool } from '@errand/contracts';
import { auditRow } from '../audit/write.ts';
import { type Connection, integrationSelect, toConnection } from './integrationRow.ts';
import { choose } from './refresh.ts';
import type { Scoped } from './scoped.ts';
import { type StoredTool, toStoredTool, toTool } from './toolRow.ts';

const usable = { OR: [{ enabled: true }, { change: { in: ['changed', 'removed'] } }] };

export function tools({ prisma, workspaceId, actor }: Scoped) {
  return {
    /** Null when there is no such integration. */
    async list(customerIntegrationId: string): Promise<Tool[] | null> {
      const found = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: { tools: { orderBy: { position: 'asc' } } },
      });
      return found ? found.tools.map(toTool) : null;
    },

    /** What a run may use now: `["*"]` is all; inactive integrations and disabled tools are left out. `inReview` names
     *  tools that may not be used because they changed. */
    async forSelection(
      selected: readonly string[],
    ): Promise<{ connections: Connection[]; tools: StoredTool[]; inReview: string[] }> {
      const rows = await prisma.integration.findMany({
        where: {
          workspaceId,
          active: true,
          ...(!selected.includes('*') && { customerIntegrationId: { in: [...selected] } }),
        },
        orderBy: { customerIntegrationId: 'asc' },
        select: { ...integrationSelect, tools: { where: usable, orderBy: { position: 'asc' } } },
      });
      const all = rows.flatMap((row) => row.tools.map((tool) => toStoredTool(tool, row.name)));
      return {
        connections: rows.map(toConnection),
        tools: all.filter((tool) => tool.enabled),
        inReview: all.flatMap((tool) => (tool.enabled ? [] : [tool.name])),
      };
    },

    /** Enables the tools of these names, as they are now, and disables all others of the integration; null when there is none such.
     *  @throws ProblemError validation_failed when a name is none of its tools */
    async setEnabled(customerIntegrationId: string, names: readonly string[]): Promise<Tool[] | null> {
      const known = await this.list(customerIntegrationId);
      if (!known) return null;
      const wanted = new Set(names);
      const existing = new Set(known.flatMap((tool) => (tool.change === 'removed' ? [] : [tool.name])));
      const errors = names.flatMap((name, i) =>
        existing.has(name)
          ? []
          : [{ pointer: `/enabled/${i}`, message: `${customerIntegrationId} has no tool "${name}".` }],
      );
      if (errors.length > 0)
        throw problem('validation_failed', 'Some names are no tools of the integration.', { errors });
      const where = { workspaceId, customerIntegrationId };
      const target = customerIntegrationId;
      const turned = (on: boolean) =>
        known.flatMap(({ name, enabled }) => (enabled !== on && wanted.has(name) === on ? [name] : []));
      const details = { enabled: turned(true), disabled: turned(false) };
      await prisma.$transaction(async (tx) => {
        await choose(tx, where, [...wanted]);
        await tx.audit.create({ data: auditRow(workspaceId, { actor, action: 'tools.chosen', target, details }) });
      });
      return this.list(customerIntegrationId);
    },
  };
}
