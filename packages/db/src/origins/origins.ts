import type { WorkspaceOrigin } from '@errand/contracts';
import { auditEntry, changeAudited } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import type { IdPage } from '../statements/page.ts';
import { queryRows } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

const omit = { workspaceId: true } as const;
type NewOrigin = { origin: string; note?: string | undefined };

/** The origins that administrators allow for their workspace. */
export function origins(scoped: WorkspaceScope) {
  const { prisma, workspaceId, actor } = scoped;
  return {
    /** Adds an origin, or replaces its note. @throws ProblemError origin_limit_reached */
    async allow({ origin, note }: NewOrigin): Promise<WorkspaceOrigin> {
      const key = { workspaceId, origin };
      const row = await prisma.$transaction(async (tx) => {
        // The second of two concurrent requests for an origin finds it.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('errand.origins:' || ${workspaceId}, 0))`;
        const stored = await tx.workspaceOrigin.findFirst({ where: key, omit });
        if (stored && stored.note === (note ?? null)) return stored;
        await tx.audit.create(auditEntry(scoped, 'workspace.origin_allowed', workspaceId, { origin, note }));
        const allowed = await tx.workspaceOrigin.upsert({
          where: { workspaceId_origin: key },
          create: { ...key, note: note ?? null, createdBy: actor.label },
          update: { note: note ?? null },
          omit,
        });
        await checkItemLimit(tx, workspaceId, 'origins');
        return allowed;
      });
      return toFields<WorkspaceOrigin>(row);
    },

    /** In alphabetical order. */
    async list({ after, limit }: IdPage): Promise<WorkspaceOrigin[]> {
      const where = { workspaceId, ...(after !== undefined && { origin: { gt: after } }) };
      const rows = await prisma.workspaceOrigin.findMany({ where, orderBy: { origin: 'asc' }, take: limit, omit });
      return rows.map((row) => toFields<WorkspaceOrigin>(row));
    },

    /** Returns null if the workspace does not have the origin. */
    async remove(origin: string): Promise<true | null> {
      const remove = (tx: Prisma.TransactionClient) =>
        tx.workspaceOrigin.deleteMany({ where: { workspaceId, origin } });
      return (await changeAudited(scoped, remove, 'workspace.origin_removed', workspaceId, { origin })) || null;
    },

    /** All of them, for the guard of outbound calls. */
    async all(): Promise<ReadonlySet<string>> {
      const statement = {
        name: 'workspace_origins',
        text: 'SELECT origin FROM workspace_origin WHERE workspace_id = $1',
        values: [],
      };
      return new Set((await queryRows<{ origin: string }>(scoped, statement)).map(({ origin }) => origin));
    },
  };
}
