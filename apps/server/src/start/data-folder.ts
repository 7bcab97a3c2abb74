import { checkFolder, readOrCreateMasterKeys } from '@errand/db/embedded';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/setting.ts';

type DataFolder = Pick<Config, 'masterKeys' | 'dataDir' | 'usesDataDir'>;

/**
 * The master keys of the settings or of the data folder, where a first one is made.
 * @throws ConfigError if there is neither
 */
export async function readMasterKeys({ masterKeys, dataDir, usesDataDir }: DataFolder): Promise<string[]> {
  if (!masterKeys && !usesDataDir)
    throw new ConfigError('ERRAND_MASTER_KEYS', 'must be set, because ERRAND_DATA_DIR is none.');
  const text = masterKeys?.reveal() ?? (await readOrCreateMasterKeys(dataDir));
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Checks that the data folder is writable, if this start writes to it. @param isServing whether the process serves HTTP */
export async function checkDataFolder(
  { masterKeys, dataDir, usesDataDir }: DataFolder,
  isServing: boolean,
): Promise<void> {
  if (usesDataDir && (isServing || !masterKeys)) await checkFolder(dataDir);
}
