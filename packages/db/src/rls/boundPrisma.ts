import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { PrismaClient } from '../generated/client.ts';
import { boundPool } from './boundPool.ts';

/** Workspaces whose view of the client is kept; it is cheap to make anew, but not for each request. */
const remembered = 1000;

/**
 * One Prisma client for all workspaces: what is asked through `of(workspaceId)` runs on connections that show that workspace alone.
 * The workspace travels with the call, down to where the adapter takes a connection.
 * @param pool of the role errand_app
 */
export function boundPrisma(pool: Pool) {
  const current = new AsyncLocalStorage<string>();
  const prisma = new PrismaClient({ adapter: new PrismaPg(boundPool(pool, () => current.getStore())) });

  const known = new Map<string, PrismaClient>();
  function of(workspaceId: string): PrismaClient {
    const found = known.get(workspaceId);
    if (found) return found;
    if (known.size >= remembered) known.clear();
    const made = bind(workspaceId);
    known.set(workspaceId, made);
    return made;
  }

  function bind(workspaceId: string): PrismaClient {
    const within = <T>(work: () => T): T => current.run(workspaceId, work);
    const extended = prisma.$extends({
      query: {
        $allOperations: ({ operation, args, query }) => {
          // Prisma joins those of one moment into one query, whosever they are: it would run for one of the workspaces.
          if (operation.startsWith('findUnique'))
            throw new Error('Use findFirst: findUnique is batched over workspaces.');
          return within(async () => await query(args));
        },
      },
    });
    const bound = new Proxy(extended, {
      get(target, key) {
        if (key !== '$transaction') return Reflect.get(target, key, target);
        return (...args: Parameters<PrismaClient['$transaction']>) =>
          within(() => target.$transaction(...(args as [never])));
      },
    });
    return bound as unknown as PrismaClient;
  }

  return { of, close: () => prisma.$disconnect() };
}
