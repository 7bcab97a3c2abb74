// The settings of the service in this folder, as `errand up` reads them: from the environment, `.env` and `errand.config.json`.
import { readFolderSettings, readSettings } from '@errand/server/folder-settings';
import { readProcessEnv } from './config.ts';

/** For commands that open the database or the data folder. */
export type ServiceSettings = {
  dataDir: string;
  databaseUrl: string | undefined;
  ownerDatabaseUrl: string | undefined;
  /** Whether tables may be created in a database that has tables of another program. */
  mayShare: boolean;
  /** The last migration of the database, if this version may ignore the later ones. */
  accepted: string | undefined;
  masterKeys: string | undefined;
};

/**
 * @param warn gets a warning for each name in `.env` that is ignored
 * @throws Error if a file cannot be read, or a name is misspelt
 */
export function readServiceSettings(warn: (text: string) => void): ServiceSettings {
  const values = readFolderSettings(process.cwd(), readProcessEnv(), warn);
  return {
    dataDir: dataDirIn(values),
    databaseUrl: values.DATABASE_URL,
    ownerDatabaseUrl: values.ERRAND_OWNER_DATABASE_URL,
    mayShare: values.ERRAND_SHARED_DATABASE === 'true',
    accepted: values.ERRAND_ACCEPTED_MIGRATION,
    masterKeys: values.ERRAND_MASTER_KEYS,
  };
}

/** The data folder of a service that runs. `errand up` has checked the names of its settings. @throws Error if a file cannot be read */
export const readDataDir = (): string => dataDirIn(readSettings(process.cwd(), readProcessEnv()).values);

const dataDirIn = ({ ERRAND_DATA_DIR = '.errand' }: NodeJS.ProcessEnv): string => ERRAND_DATA_DIR;
