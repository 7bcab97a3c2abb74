import type { Principal } from '@errand/contracts';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { PrismaClient } from '../generated/client.ts';
import type { Vault } from '../vault/vault.ts';

/** The dependencies of a repository of one workspace. Each query filters by the workspace id. */
export type WorkspaceScope = {
  readonly prisma: PrismaClient;
  /** For values that are too large for Prisma. */
  readonly pool: Pool;
  readonly vault: Vault;
  readonly workspaceId: string;
  /** The principal of the request, for the audit log. */
  readonly actor: Principal;
};

export type Workspace = { workspaceId: string; name: string; createdAt: Date; suspendedAt: Date | null };

const UNNAMED = 'default';

/** All workspaces of the service. */
export function workspaces(prisma: PrismaClient) {
  const create = (name: string): Promise<Workspace> => prisma.workspace.create({ data: { workspaceId: uuid(), name } });
  return {
    create,

    /** Finds a workspace by id; `default` is the oldest one. */
    find: (name: string): Promise<Workspace | null> =>
      prisma.workspace.findFirst({
        ...(name !== UNNAMED && { where: { workspaceId: name } }),
        orderBy: [{ createdAt: 'asc' }, { workspaceId: 'asc' }],
      }),

    /** The oldest workspace; created once if there is none, even by concurrent servers. */
    first: (name = UNNAMED): Promise<Workspace> =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('errand.first_workspace'))`;
        const oldest = await tx.workspace.findFirst({ orderBy: [{ createdAt: 'asc' }, { workspaceId: 'asc' }] });
        return oldest ?? tx.workspace.create({ data: { workspaceId: uuid(), name } });
      }),
  };
}

/** The name of a workspace; undefined if no one has named it. */
export async function workspaceName({ prisma, workspaceId }: WorkspaceScope): Promise<string | undefined> {
  const row = await prisma.workspace.findFirst({ where: { workspaceId }, select: { name: true } });
  return row?.name === UNNAMED ? undefined : row?.name;
}
