import { resolve } from 'node:path';
import type { ServerLocation } from '@errand/db/embedded';
import type { CliEnv } from '../../environment/config.ts';

export const dataOption = [
  '--data <folder>',
  'the data folder of the service; ERRAND_DATA_DIR or .errand by default',
] as const;

/** The database of a service on this machine, or the one of DATABASE_URL. A folder that is named has priority. */
export function locationOf(env: CliEnv, folder: string | undefined): ServerLocation {
  const dataDir = resolve(folder ?? env.dataDir);
  return folder === undefined ? { dataDir, databaseUrl: env.databaseUrl, ownerUrl: env.ownerDatabaseUrl } : { dataDir };
}

const MIB = 2 ** 20;

export const sizeText = (bytes: number): string =>
  bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`;
