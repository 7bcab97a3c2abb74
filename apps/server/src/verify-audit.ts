// Verifies the chains of the audit log, and exits with 1 if one is broken: node apps/server/dist/verify-audit.js [head …]
// A head is `workspaceId:seq:hash`, as printed by an earlier verification.
import { type AuditHead, verifyAuditAt } from '@errand/db';
import { readDevFile } from '@errand/db/embedded';
import { readOperatorConfig } from './start/operator-config.ts';

const { databaseUrl, dataDir } = readOperatorConfig();
const url = databaseUrl?.reveal() ?? (await readDevFile(dataDir)).databaseUrl;
const knownHeads = process.argv.slice(2).map((text): AuditHead => {
  const [workspaceId = '', seq = '', hash = ''] = text.split(':');
  return { workspaceId, seq: Number(seq), hash };
});
if (!url) {
  console.error('Set DATABASE_URL, or ERRAND_DATA_DIR to the folder of a running service.');
  process.exitCode = 2;
} else {
  const { checked, breaches, heads } = await verifyAuditAt(url, knownHeads);
  for (const { workspaceId, seq, auditId, what: fault } of breaches) {
    console.error(`${workspaceId} number ${seq ?? '-'} entry ${auditId}: ${fault}.`);
  }
  for (const { workspaceId, seq, hash } of heads) console.log(`${workspaceId}:${seq}:${hash}`);
  console.error(`${checked} entries checked, ${breaches.length} breaches.`);
  if (breaches.length > 0) process.exitCode = 1;
}
