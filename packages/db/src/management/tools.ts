import { problem, type Tool } from '@errand/contracts';
import { auditRow } from '../audit/write.ts';
import { type Connection, integrationSelect, toConnection } from './integrationRow.ts';
import type { Scoped } from './scoped.ts';
import { type StoredTool, toStoredTool, toTool } from './toolRow.ts';

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

    /** What a run may use now: `["*"]` is all; inactive integrations and disabled tools are left out. */
    async forSelection(selected: readonly string[]): Promise<{ connections: Connection[]; tools: StoredTool[] }> {
      const rows = await prisma.integration.findMany({
        where: {
          workspaceId,
          active: true,
          ...(!selected.includes('*') && { customerIntegrationId: { in: [...selected] } }),
        },
        orderBy: { customerIntegrationId: 'asc' },
        select: { ...integrationSelect, tools: { where: { enabled: true }, orderBy: { position: 'asc' } } },
      });
      return {
        connections: rows.map(toConnection),
        tools: rows.flatMap((row) => row.tools.map((tool) => toStoredTool(tool, row.name))),
      };
    },

    /** Enables the tools of these names and disables all others of the integration; null when there is none such.
     *  @throws ProblemError validation_failed when a name is none of its tools */
    async setEnabled(customerIntegrationId: string, names: readonly string[]): Promise<Tool[] | null> {
      const known = await this.list(customerIntegrationId);
      if (!known) return null;
      const wanted = new Set(names);
      const existing = new Set(known.map((tool) => tool.name));
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
      await prisma.$transaction([
        prisma.tool.updateMany({ where: { ...where, name: { in: [...wanted] } }, data: { enabled: true } }),
        prisma.tool.updateMany({ where: { ...where, name: { notIn: [...wanted] } }, data: { enabled: false } }),
        prisma.integration.updateMany({ where, data: { updatedAt: new Date() } }),
        prisma.audit.create({ data: auditRow(workspaceId, { actor, action: 'tools.chosen', target, details }) }),
      ]);
      return known.map((tool) => ({ ...tool, enabled: wanted.has(tool.name) }));
    },
  };
}
