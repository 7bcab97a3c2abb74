import { withoutTrailing } from '@errand/basics/text-end';
import { type Db, openDatabase } from '@errand/db';
import { readDevFile } from '@errand/db/embedded';
import { readMasterKeys } from './data-folder.ts';
import { readOperatorConfig } from './operator-config.ts';

/**
 * Runs a command of the operator on the database of the service, and ends the process with 0, 1 after an error, or 2 if it finds no service.
 * @param work gets the database, and the public address of the service
 */
export async function runCommand(work: (db: Db, address: string) => Promise<void>): Promise<void> {
  const config = readOperatorConfig();
  const { databaseUrl, tenantDatabaseUrl, dataDir, publicUrl, usesDataDir } = config;
  const running = usesDataDir ? await readDevFile(dataDir) : {};
  const url = databaseUrl?.reveal() ?? running.databaseUrl;
  const tenantUrl = databaseUrl ? tenantDatabaseUrl?.reveal() : running.tenantDatabaseUrl;
  const address = publicUrl ?? running.url;
  if (!url || !address) {
    console.error(
      'Start the service first. Set DATABASE_URL and PUBLIC_URL, or ERRAND_DATA_DIR to the folder of the running service.',
    );
    process.exitCode = 2;
    return;
  }
  const db = openDatabase({ url, ...(tenantUrl && { tenantUrl }), masterKeys: await readMasterKeys(config) });
  try {
    await db.ready();
    await db.checks.migrations(config.acceptedMigration);
    await work(db, withoutTrailing(address, '/'));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    await db.close();
  }
}
