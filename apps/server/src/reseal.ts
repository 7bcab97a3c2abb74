// Seals every stored secret with the first master key, so that the others can be dropped: node apps/server/dist/reseal.js
// It may be stopped and repeated, and run beside the service. Ends with 1 when something does not open.
import { openDatabase } from '@errand/db';
import { readEnv, toConfig } from './config.ts';
import { masterKeysOf, readDevFile } from './data-dir.ts';

const { databaseUrl, tenantDatabaseUrl, masterKeys, dataDir } = toConfig(readEnv());
const dev = databaseUrl ? {} : await readDevFile(dataDir);
const url = databaseUrl?.reveal() ?? dev.databaseUrl;
const tenantUrl = tenantDatabaseUrl?.reveal() ?? dev.tenantDatabaseUrl;
if (!url) {
  console.error('Set DATABASE_URL, or ERRAND_DATA_DIR to the folder of a running service.');
  process.exitCode = 2;
} else {
  const keys = masterKeys?.reveal() ?? (await masterKeysOf(dataDir));
  const db = openDatabase({ url, tenantUrl, masterKeys: keys.split(/[\s,]+/).filter(Boolean) });
  try {
    await db.ready();
    const { resealed, failed } = await db.reseal();
    console.log(`${resealed} sealed anew, ${failed} do not open.`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    await db.close();
  }
}
