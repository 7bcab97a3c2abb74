import { auditEntry } from '../audit/write.ts';
import { queryRows } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** The origins of web pages that may use user tokens of a workspace. */
export function browserOrigins(scoped: WorkspaceScope) {
  const { prisma, workspaceId } = scoped;
  return {
    /** In alphabetical order. */
    async list(): Promise<string[]> {
      const statement = {
        name: 'browser_origins',
        text: 'SELECT origin FROM workspace_browser_origin WHERE workspace_id = $1 ORDER BY origin',
        values: [],
      };
      return (await queryRows<{ origin: string }>(scoped, statement)).map(({ origin }) => origin);
    },

    /** Replaces the list. An equal list is not recorded in the audit log. */
    async set(origins: readonly string[]): Promise<string[]> {
      const sorted = [...new Set(origins)].sort();
      await prisma.$transaction(async (tx) => {
        // Each of several concurrent requests compares with the one before it.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('errand.browser_origins:' || ${workspaceId}, 0))`;
        const stored = await tx.workspaceBrowserOrigin.findMany({ where: { workspaceId }, orderBy: { origin: 'asc' } });
        if (stored.map(({ origin }) => origin).join() === sorted.join()) return;
        await tx.workspaceBrowserOrigin.deleteMany({ where: { workspaceId } });
        await tx.workspaceBrowserOrigin.createMany({ data: sorted.map((origin) => ({ workspaceId, origin })) });
        await tx.audit.create(auditEntry(scoped, 'workspace.browser_origins_set', workspaceId, { origins: sorted }));
      });
      return sorted;
    },
  };
}
