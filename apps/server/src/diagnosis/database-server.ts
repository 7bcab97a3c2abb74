// The database and the master keys of a service, which may run or not.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { lockDataDir, readDevFile, startEmbedded } from '@errand/db/embedded';
import type { Config } from '../config/config.ts';

type Source = Pick<Config, 'dataDir' | 'databaseUrl' | 'tenantDatabaseUrl' | 'masterKeys'>;

/** The URLs contain passwords. */
export type DatabaseServer = { url: string; tenantUrl?: string; close: () => Promise<void> };

const nothing = async () => {};

/**
 * The configured database, or the embedded one, which is started if it does not run. @returns undefined if the first start has yet to create it
 * @throws an error for `explainDatabaseFault`
 */
export async function openServer({
  databaseUrl,
  tenantDatabaseUrl,
  dataDir,
}: Source): Promise<DatabaseServer | undefined> {
  if (databaseUrl) {
    const tenantUrl = tenantDatabaseUrl?.reveal();
    return { url: databaseUrl.reveal(), ...(tenantUrl && { tenantUrl }), close: nothing };
  }
  const dir = join(dataDir, 'postgres');
  if (!['cluster', 'location'].some((name) => existsSync(join(dir, name)))) return undefined;
  const unlock = await lockDataDir(dataDir).catch((error) => {
    if (error instanceof ExplainedError) return undefined; // the service runs, and so does its Postgres
    throw error;
  });
  return unlock ? startAlone(dir, dataDir, unlock) : ofRunningService(dataDir);
}

async function ofRunningService(dataDir: string): Promise<DatabaseServer> {
  const { databaseUrl: url, tenantDatabaseUrl: tenantUrl } = await readDevFile(dataDir);
  if (!url) throw new ExplainedError('The service is starting for the first time. Try again when it is ready.');
  return { url, ...(tenantUrl && { tenantUrl }), close: nothing };
}

async function startAlone(dir: string, dataDir: string, unlock: () => Promise<void>): Promise<DatabaseServer> {
  try {
    const { url, tenantUrl, wasRunning, stop, interrupt } = await startEmbedded({ dir, enterableParent: dataDir });
    if (!wasRunning) process.once('exit', interrupt);
    const close = async () => {
      if (!wasRunning) await stop();
      process.off('exit', interrupt);
      await unlock();
    };
    return { url, tenantUrl, close };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** The master keys of the settings or of the data folder; empty if there are none. Unlike a start, it creates none. */
export async function readMasterKeys({ masterKeys, dataDir }: Source): Promise<string[]> {
  const text = masterKeys?.reveal() ?? (await readFile(join(dataDir, 'master-keys'), 'utf8').catch(emptyIfMissing));
  return text.split(/[\s,]+/).filter(Boolean);
}

function emptyIfMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
