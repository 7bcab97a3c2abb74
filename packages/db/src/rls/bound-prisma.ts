import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { PrismaClient } from '../generated/client.ts';
import { boundPool, MAX_WORKSPACES } from './bound-pool.ts';
import type { Share } from './share.ts';

/**
 * One Prisma client for all workspaces: what is asked through `of(workspaceId)` runs on connections that show that workspace alone.
 * The workspace travels with the call, down to where the adapter takes a connection.
 * @param pool of the role errand_app
 * @param share how many of its connections one workspace may have at once
 */
export function boundPrisma(pool: Pool, share: Share) {
  const current = new AsyncLocalStorage<string>();
  const adapter = new PrismaPg(boundPool(pool, () => current.getStore(), share));
  // Who waits for a connection in the line of its workspace, or the pool's, is told so there, and not here before that.
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000 } });

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

  const clients = new LRUCache<string, PrismaClient>({ max: MAX_WORKSPACES, memoMethod: bind });
  return { of: (workspaceId: string) => clients.memo(workspaceId), close: () => prisma.$disconnect() };
}
