import { folderFault, isDiskFull } from '@errand/db/embedded';
import type { Config } from '../config/config.ts';
import { databaseFault, embeddedFault } from './explain.ts';

/** Explains why the database cannot be used. @returns the same error if its cause is unknown */
export const explainDatabaseFault = (
  error: unknown,
  { databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
): unknown => {
  const { path, message = '' } = error as NodeJS.ErrnoException;
  if (path?.startsWith(dataDir) || isDiskFull(message)) return folderFault(error, dataDir);
  return databaseUrl ? databaseFault(error, databaseUrl.reveal()) : embeddedFault(error, dataDir);
};
