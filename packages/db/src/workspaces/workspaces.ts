import { v7 as uuid } from 'uuid';
import type { PrismaClient } from '../generated/client.ts';
import type { Scoped } from './scoped.ts';

export type Workspace = { workspaceId: string; name: string; createdAt: Date };

/** The name of the workspace that is made with the service. */
const UNNAMED = 'default';

export function workspaces(prisma: PrismaClient) {
  const create = (name: string): Promise<Workspace> => prisma.workspace.create({ data: { workspaceId: uuid(), name } });
  return {
    create,

    /** By its id; `default` is the oldest one. */
    find: (name: string): Promise<Workspace | null> =>
      prisma.workspace.findFirst({
        ...(name !== UNNAMED && { where: { workspaceId: name } }),
        orderBy: [{ createdAt: 'asc' }, { workspaceId: 'asc' }],
      }),

    /** The oldest workspace; made when there is none, once, however many servers ask at the same time. */
    first: (name = UNNAMED): Promise<Workspace> =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('errand.first_workspace'))`;
        const oldest = await tx.workspace.findFirst({ orderBy: [{ createdAt: 'asc' }, { workspaceId: 'asc' }] });
        return oldest ?? tx.workspace.create({ data: { workspaceId: uuid(), name } });
      }),
  };
}

/** How people call a workspace; undefined while nobody has named it. */
export async function workspaceName({
  prisma,
  workspaceId,
}: Pick<Scoped, 'prisma' | 'workspaceId'>): Promise<string | undefined> {
  const row = await prisma.workspace.findFirst({ where: { workspaceId }, select: { name: true } });
  return row?.name === UNNAMED ? undefined : row?.name;
}
