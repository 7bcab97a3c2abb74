import type { Principal } from '@errand/contracts';
import type { Pool } from 'pg';
import type { PrismaClient } from '../generated/client.ts';
import type { Vault } from '../vault/vault.ts';

/** What a repository of one workspace works with. Every query of it carries the workspace's id. */
export type Scoped = {
  readonly prisma: PrismaClient;
  /** For what Prisma would carry as one large value. */
  readonly pool: Pool;
  readonly vault: Vault;
  readonly workspaceId: string;
  /** Who asks, for the audit log. */
  readonly actor: Principal;
};
