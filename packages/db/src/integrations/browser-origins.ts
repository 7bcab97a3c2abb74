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
        text: 'SELECT origins FROM workspace_browser_origins WHERE workspace_id = $1',
        values: [],
      };
      return (await queryRows<{ origins: string[] }>(scoped, statement))[0]?.origins ?? [];
    },

    /** Replaces the list. An equal list is not recorded in the audit log. */
    async set(origins: readonly string[]): Promise<string[]> {
      const sorted = [...new Set(origins)].sort();
      await prisma.$transaction(async (tx) => {
        // Each of several concurrent requests compares with the one before it.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('errand.browser_origins:' || ${workspaceId}, 0))`;
        const stored = await tx.workspaceBrowserOrigins.findFirst({ where: { workspaceId } });
        if ((stored?.origins ?? []).join() === sorted.join()) return;
        const change = { origins: sorted };
        await tx.workspaceBrowserOrigins.upsert({
          where: { workspaceId },
          create: { workspaceId, ...change },
          update: change,
        });
        await tx.audit.create(auditEntry(scoped, 'workspace.browser_origins_set', workspaceId, change));
      });
      return sorted;
    },
  };
}
