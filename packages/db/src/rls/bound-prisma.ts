import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { PrismaClient } from '../generated/client.ts';
import { boundPool, MAX_WORKSPACES } from './bound-pool.ts';
import type { WorkspaceLimit } from './workspace-limit.ts';

/**
 * One Prisma client for all workspaces: queries through `of(workspaceId)` see only rows of that workspace. The adapter reads the
 * workspace from the async context of the call.
 * @param pool the pool of the role errand_app
 */
export function boundPrisma(pool: Pool, limit: WorkspaceLimit) {
  const current = new AsyncLocalStorage<string>();
  const adapter = new PrismaPg(boundPool(pool, () => current.getStore(), limit));
  // The queues of the workspace and the pool have their own timeouts.
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000 } });

  function bind(workspaceId: string): PrismaClient {
    const within = <T>(work: () => T): T => current.run(workspaceId, work);
    const extended = prisma.$extends({
      query: {
        $allOperations: ({ operation, args, query }) => {
          // Prisma batches concurrent lookups into one query, which would run for only one workspace.
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
