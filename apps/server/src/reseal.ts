// Makes the first master key the sealing key of all processes, and reseals every stored secret: node apps/server/dist/reseal.js
// It can be stopped and repeated, and can run next to the service. Exits with 0 if no other key is needed, else with 1.
import { openDatabase, type Resealed } from '@errand/db';
import { readDevFile } from '@errand/db/embedded';
import { readMasterKeys } from './start/data-folder.ts';
import { readOperatorConfig } from './start/operator-config.ts';

const config = readOperatorConfig();
const url = config.databaseUrl?.reveal() ?? (await readDevFile(config.dataDir)).databaseUrl;
if (!url) {
  console.error('Set DATABASE_URL, or ERRAND_DATA_DIR to the folder of a running service.');
  process.exitCode = 2;
} else {
  const db = openDatabase({ url, masterKeys: await readMasterKeys(config), statementTimeoutMs: 600_000 });
  try {
    // An older version does not know all secrets.
    await db.checks.migrations(config.acceptedMigration);
    const resealed = await db.reseal();
    console.log(`${resealed.resealed} sealed again, ${resealed.failed} could not be opened.`);
    for (const line of reportLines(resealed)) console.log(line);
    if (resealed.failed > 0 || resealed.left.secrets > 0 || resealed.left.apiKeys.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    await db.close();
  }
}

function reportLines({ failed, left: remaining }: Resealed): string[] {
  const { secrets, apiKeys, decisionRequests, links } = remaining;
  const lines: string[] = [];
  if (secrets > failed) lines.push(`${secrets} secrets are still sealed with another key. Run this again.`);
  if (apiKeys.length > 0) {
    lines.push(
      `${apiKeys.length} API keys were not used since. Use, rotate or revoke each of them before you remove a key:`,
    );
    for (const { name, last4, lastUsedAt } of apiKeys) {
      lines.push(`  ${name} (…${last4}), last used ${lastUsedAt?.toISOString() ?? 'never'}`);
    }
  }
  if (decisionRequests > 0)
    lines.push(
      `${decisionRequests} open decision requests are older. Their links become invalid when you remove their key.`,
    );
  if (links) lines.push(`Earlier links to consent pages stay valid until ${links.toISOString()}.`);
  if (lines.length === 0) lines.push('No other key is needed. You can remove the others.');
  return lines;
}
