import type { Principal } from '@errand/contracts';
import type { Pool } from 'pg';
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
