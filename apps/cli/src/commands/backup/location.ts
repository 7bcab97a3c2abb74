import { resolve } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import type { ServerLocation } from '@errand/db/embedded';
import { hostUrls } from '@errand/db/host-urls';
import type { ServiceSettings } from '../../environment/service-settings.ts';

export const dataOption = [
  '--data <folder>',
  'the data folder of the service; that of its settings by default',
] as const;

/**
 * The database of a service on this machine, or the one of DATABASE_URL. A folder that is named has priority.
 * @throws ExplainedError for a wrong URL
 */
export function locationOf(settings: ServiceSettings, folder: string | undefined): ServerLocation {
  const dataDir = resolve(folder ?? settings.dataDir);
  if (folder !== undefined) return { dataDir };
  const { databaseUrl, ownerDatabaseUrl: ownerUrl } = settings;
  checkUrls(settings);
  return { dataDir, databaseUrl, ownerUrl };
}

/** @throws ExplainedError with the name of the setting that is wrong */
export function checkUrls({ databaseUrl, ownerDatabaseUrl }: ServiceSettings): void {
  for (const [name, url] of Object.entries({ DATABASE_URL: databaseUrl, ERRAND_OWNER_DATABASE_URL: ownerDatabaseUrl }))
    if (url !== undefined) checkUrl(name, url);
}

function checkUrl(name: string, url: string): void {
  try {
    hostUrls(url);
  } catch (error) {
    throw new ExplainedError(`${name} ${(error as Error).message}`);
  }
}

const MIB = 2 ** 20;

export const sizeText = (bytes: number): string =>
  bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`;
