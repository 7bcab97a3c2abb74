import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { PrismaClient } from '../generated/client.ts';
import { boundPool, MAX_WORKSPACES } from './bound-pool.ts';
import type { WorkspaceLimit } from './workspace-limit.ts';

/**
 * One Prisma client for all workspaces: queries through `of(workspaceId)` see the rows of that workspace only. The workspace is in the
 * async context of the call, from which the adapter reads it.
 * @param pool of the role errand_app
 * @param limit of the connections of one workspace
 */
export function boundPrisma(pool: Pool, limit: WorkspaceLimit) {
  const current = new AsyncLocalStorage<string>();
  const adapter = new PrismaPg(boundPool(pool, () => current.getStore(), limit));
  // Waiting for a connection has its own timeout, in the queue of the workspace or of the pool.
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000 } });

  function bind(workspaceId: string): PrismaClient {
    const within = <T>(work: () => T): T => current.run(workspaceId, work);
    const extended = prisma.$extends({
      query: {
        $allOperations: ({ operation, args, query }) => {
          // Prisma batches concurrent lookups into one query, which would run for one of the workspaces.
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

  const clients = new LRUCache<string, PrismaClient>({ max: MAX_WORKSPACES, memoMethod: bind });
  return { of: (workspaceId: string) => clients.memo(workspaceId), close: () => prisma.$disconnect() };
}
