import { register } from '@errand/api';
import { scopes } from '@errand/contracts';
import type { Db } from '@errand/db';
import { readDevFile } from '@errand/db/embedded';
import type { Logger } from 'pino';
import type { Seed } from '../config/seed.ts';

type BootstrapDeps = Parameters<typeof register>[0] & { db: Db; log: Logger; signal: AbortSignal };

/**
 * Creates the workspace `default`, a key with all scopes, and the seeded integrations, unless they exist. Reuses the key of an earlier
 * start while it is valid.
 */
export async function bootstrap(
  { db, importer, connector, log, signal }: BootstrapDeps,
  dataDir: string,
  seeds: readonly Seed[],
) {
  const { workspaceId } = await db.workspaces.first('default');
  const storedKey = (await readDevFile(dataDir)).apiKey;
  const usable = storedKey !== undefined && (await db.apiKeys.verify(storedKey))?.workspaceId === workspaceId;
  const apiKey = usable ? storedKey : (await db.apiKeys.create(workspaceId, { name: 'first key', scopes })).key;
  const workspaceDb = db.forWorkspace(workspaceId);
  for (const { name, url, token, enable = 'reads' } of seeds) {
    if (await workspaceDb.integrations.hasName(name)) continue;
    const auth = token ? { type: 'API_TOKEN' as const, token } : { type: 'NONE' as const };
    const seed = { name, source: { url }, auth, enable };
    const { customerIntegrationId, toolsText } = await register(
      { importer, connector },
      { workspaceId, workspaceDb },
      seed,
      signal,
    );
    log.info({ customerIntegrationId, tools: toolsText }, 'integration registered');
  }
  return { workspaceId, apiKey };
}
