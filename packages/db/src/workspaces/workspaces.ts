import { v7 as uuid } from 'uuid';
import type { PrismaClient } from '../generated/client.ts';

export type Workspace = { workspaceId: string; name: string; createdAt: Date };

export function workspaces(prisma: PrismaClient) {
  const create = (name: string): Promise<Workspace> => prisma.workspace.create({ data: { workspaceId: uuid(), name } });
  return {
    create,

    /** The oldest workspace; made when there is none, once, however many servers ask at the same time. */
    first: (name = 'default'): Promise<Workspace> =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('errand.first_workspace'))`;
        const oldest = await tx.workspace.findFirst({ orderBy: [{ createdAt: 'asc' }, { workspaceId: 'asc' }] });
        return oldest ?? tx.workspace.create({ data: { workspaceId: uuid(), name } });
      }),
  };
}
