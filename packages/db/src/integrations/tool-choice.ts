import { problem, type SetToolsInput } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import { Prisma } from '../generated/client.ts';
import { readToolList, type ToolPage, type ToolPieces } from '../tools/tool-list.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { type Connection, integrationOmit, toConnection } from './integration-row.ts';
import { type IntegrationKey, type Transaction, updateReview } from './refresh.ts';

/** An integration of a run, and a key that changes with its tools. */
export type SelectedIntegration = Connection & { toolsKey: string };

const MAX_ERRORS = 50;

/** The tools of integrations that their owners enable, and that runs select. */
export function toolChoice(scoped: WorkspaceScope) {
  const { prisma, pool, workspaceId } = scoped;
  const exists = async (customerIntegrationId: string): Promise<boolean> =>
    (await prisma.integration.count({ where: { workspaceId, customerIntegrationId } })) > 0;
  return {
    /** See `readToolList`. Returns null if the integration does not exist. */
    async list(customerIntegrationId: string, page: ToolPage): Promise<ToolPieces | null> {
      if (!(await exists(customerIntegrationId))) return null;
      return readToolList(pool, [workspaceId, customerIntegrationId], page);
    },

    /** The active integrations of a selection; `["*"]` selects all. */
    async forSelection(selected: readonly string[]): Promise<SelectedIntegration[]> {
      const rows = await prisma.integration.findMany({
        where: {
          workspaceId,
          active: true,
          ...(!selected.includes('*') && { customerIntegrationId: { in: [...selected] } }),
        },
        orderBy: { customerIntegrationId: 'asc' },
        omit: integrationOmit,
      });
      return rows.map((row) => ({ ...toConnection(row), toolsKey: `${row.registrationId}:${row.toolsVersion}` }));
    },

    /**
     * Enables the chosen tools in their current version and disables the others. Without `enabled` it changes only effects.
     * Returns whether the integration exists.
     * @throws ProblemError validation_failed for unknown tool names
     */
    async setEnabled(customerIntegrationId: string, choice: ToolChoice): Promise<boolean> {
      if (!(await exists(customerIntegrationId))) return false;
      await setEnabled(scoped, { workspaceId, customerIntegrationId }, choice);
      return true;
    },
  };
}

type ToolChoice = Omit<SetToolsInput, 'customerIntegrationId'>;

async function setEnabled(scoped: WorkspaceScope, where: IntegrationKey, choice: ToolChoice): Promise<void> {
  const { enabled, effects = {} } = choice;
  const { prisma } = scoped;
  const tools = await prisma.tool.findMany({ where, select: toolSelect, orderBy: { position: 'asc' } });
  const present = tools.filter(({ change }) => change !== 'removed').map((tool) => withEffect(tool, effects));
  const names = typeof enabled === 'string' ? namesOfGroup(enabled, present) : enabled && toToolNames(where, enabled);
  assertToolsExist(where.customerIntegrationId, present, { enabled: names ?? [], effects: Object.keys(effects) });
  const chosen = names && new Set(names);
  const toggledNames = (on: boolean) =>
    tools.flatMap((tool) => (chosen && tool.enabled !== on && chosen.has(tool.name) === on ? [tool.name] : []));
  const ownerRated = tools.filter((tool) => Object.hasOwn(effects, tool.name));
  const changedEffects = ownerRated.filter(
    (tool) => tool.proposedEffect !== null || tool.effect !== effects[tool.name],
  );
  const details = {
    enabled: toggledNames(true),
    disabled: toggledNames(false),
    ...(changedEffects.length > 0 && {
      effects: Object.fromEntries(changedEffects.map(({ name }) => [name, effects[name]!])),
    }),
  };
  await prisma.$transaction(async (tx) => {
    // Locks the integration before its tools, in the same order as a refresh, to avoid deadlocks.
    await tx.integration.updateMany({ where, data: { toolsVersion: { increment: 1 } } });
    for (const effect of ['read', 'write']) {
      const ofEffect = ownerRated.flatMap(({ name }) => (effects[name] === effect ? [name] : []));
      if (ofEffect.length === 0) continue;
      const data = { effect, ownerEffect: effect, proposedEffect: null };
      await tx.tool.updateMany({ where: { ...where, name: { in: ofEffect } }, data });
    }
    await (chosen ? enableOnly(tx, where, [...chosen]) : updateReview(tx, where, {}));
    await tx.audit.create(auditEntry(scoped, 'tools.chosen', where.customerIntegrationId, details));
  });
}

/** The names of tools, each of which may be given as the operation alone: the part after the dot. */
const toToolNames = ({ customerIntegrationId }: IntegrationKey, names: readonly string[]): string[] => {
  const prefix = `${customerIntegrationId}.`;
  return names.map((name) => (name.startsWith(prefix) ? name : prefix + name));
};

const toolSelect = { name: true, enabled: true, change: true, effect: true, proposedEffect: true } as const;
type StoredTool = { name: string; enabled: boolean; effect: string; proposedEffect: string | null };

const withEffect = (tool: StoredTool, effects: NonNullable<ToolChoice['effects']>): StoredTool =>
  Object.hasOwn(effects, tool.name) ? { ...tool, effect: effects[tool.name]!, proposedEffect: null } : tool;

function assertToolsExist(
  customerIntegrationId: string,
  tools: readonly StoredTool[],
  { enabled, effects }: { enabled: readonly string[]; effects: readonly string[] },
): void {
  const existing = new Set(tools.map(({ name }) => name));
  const noTool = (name: string, pointer: string) =>
    existing.has(name) ? [] : [{ pointer, message: `${customerIntegrationId} has no tool "${name}".` }];
  const errors = [
    ...enabled.flatMap((name, i) => noTool(name, `/enabled/${i}`)),
    ...effects.flatMap((name) => noTool(name, `/effects/${name}`)),
  ];
  if (errors.length > 0)
    throw problem('validation_failed', 'Some names are no tools of the integration.', {
      errors: errors.slice(0, MAX_ERRORS),
    });
}

/** The tools of a group. A disabled tool that looks like a write counts as a read only if its owner says so. */
const namesOfGroup = (group: 'all' | 'reads' | 'none', tools: readonly StoredTool[]): string[] =>
  tools.flatMap(({ name, effect, proposedEffect, enabled }) => {
    const isRead = effect === 'read' && (enabled || proposedEffect !== 'write');
    return group === 'all' || (group === 'reads' && isRead) ? [name] : [];
  });

/** The columns of a tool that its owner has reviewed. */
export const reviewed = { change: null, accepted: Prisma.DbNull } as const;

async function enableOnly(tx: Transaction, where: IntegrationKey, names: readonly string[]): Promise<void> {
  await tx.tool.deleteMany({ where: { ...where, change: 'removed' } });
  await tx.tool.updateMany({ where: { ...where, name: { in: [...names] } }, data: { enabled: true, ...reviewed } });
  await tx.tool.updateMany({
    where: { ...where, name: { notIn: [...names] } },
    data: { enabled: false, ...reviewed },
  });
  await updateReview(tx, where, { firstEnable: Prisma.DbNull });
}
