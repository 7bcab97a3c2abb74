// Prints a link that signs in once, within ten minutes: node apps/server/dist/login-link.js [--person NAME] [--operator]
// Without --person it is for the first administrator of the first workspace, who is created if there is none.
import { parseArgs } from 'node:util';
import { system } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { readDevFile, readOrCreateMasterKeys } from '@errand/db/embedded';
import { readEnv, toConfig } from './config/config.ts';
import { createLoginLink } from './start/login.ts';

const { values } = parseArgs({ options: { person: { type: 'string' }, operator: { type: 'boolean' } } });
const { databaseUrl, tenantDatabaseUrl, masterKeys, dataDir, publicUrl } = toConfig(readEnv());
const running = await readDevFile(dataDir);
const url = databaseUrl?.reveal() ?? running.databaseUrl;
const address = publicUrl ?? running.url;
if (!url || !address) {
  console.error(
    'Start the service first. Set DATABASE_URL and PUBLIC_URL, or ERRAND_DATA_DIR to the folder of the running service.',
  );
  process.exitCode = 2;
} else {
  const keys = masterKeys?.reveal() ?? (await readOrCreateMasterKeys(dataDir));
  const tenantUrl = databaseUrl ? tenantDatabaseUrl?.reveal() : running.tenantDatabaseUrl;
  const db = openDatabase({ url, ...(tenantUrl && { tenantUrl }), masterKeys: keys.split(/[\s,]+/).filter(Boolean) });
  try {
    await db.ready();
    const { person, link } = await createLoginLink(db, system, address, values);
    console.log(`Open this link within ten minutes to sign in as ${person.name}. It works once.\n\n  ${link}\n`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    await db.close();
  }
}
