// `node scripts/pack-data-folder.mjs FILE`: creates a data folder with the present schema and code, and packs it. Upgrade tests start later
// code on it. Its secrets are valid for this folder only.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants } from 'node:zlib';

const [file] = process.argv.slice(2);
if (!file) throw new Error('Name the file to write: node scripts/pack-data-folder.mjs FILE');

const folder = mkdtempSync(join(tmpdir(), 'errand-folder-'));
// Root starts Postgres as another account, which needs access to its data in here.
chmodSync(folder, 0o711);
process.env.ERRAND_DATA_DIR = join(folder, 'data');
const { dataDir, importDemo, openStack } = await import('./stack.mjs');
const { errands, overRest } = await importDemo();

mkdirSync(dataDir, { mode: 0o700 });
// A fixed port outside the ephemeral range: the runs store the address of the CRM.
writeFileSync(
  join(dataDir, 'demo.json'),
  JSON.stringify({ url: 'http://127.0.0.1:24117', token: 'crm_of-the-packed-folder' }),
);
const stack = await openStack();
try {
  // The service's maximum: the waiting run must outlive many releases.
  const service = await stack.start({ ERRAND_PORT: '0', ERRAND_APPROVAL_HOURS: '87600' });
  await fill(service).finally(() => stack.stop());
  writeFileSync(resolve(file), pack());
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Creates a run that has ended, one that waits for an approval, and one that waits for a token. @param {import('../apps/cli/src/up/early/running.mjs').Running}
 * service
 */
async function fill({ url, apiKey, crm }) {
  /** @param {string} method @param {string} path @param {object} [body] */
  const send = async (method, path, body) => {
    const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return /** @type {Promise<Record<string, string>>} */ (answer.json());
  };
  /** @param {object} run @param {string} status */
  const createUntil = async (run, status) => {
    const { runId } = await send('POST', '/v1/runs', run);
    const read = () => send('GET', `/v1/runs/${runId}`);
    for (const end = Date.now() + 30_000; (await read()).status !== status; await sleep(50))
      if (Date.now() > end) throw new Error(`The run ${runId} is not ${status}.`);
  };
  await overRest({ url, apiKey, say: () => {} }, errands.salesSummary);
  await createUntil({ ...errands.logCall, approvalStrategy: 'ON_WRITE' }, 'PAUSED');
  const registration = { name: 'CRM of each user', url: `${crm?.url}/openapi.json`, enable: 'all' };
  const { customerIntegrationId } = await send('POST', '/v1/integrations', {
    ...registration,
    auth: { type: 'API_TOKEN' },
  });
  const users = `/v1/integrations/${customerIntegrationId}/users`;
  await send('PUT', `${users}/user-with-token/credentials`, { apiToken: crm?.token });
  const selected = { selectedCustomerIntegrationIds: [customerIntegrationId] };
  await createUntil({ ...errands.largeDeals, ...selected, userId: 'user-with-token' }, 'SUCCESS');
  await createUntil({ ...errands.largeDeals, ...selected, userId: 'user-without-token' }, 'AUTH_REQUIRED');
}

/** The folder as a tar file without logs. A large compression window fits its similar databases. */
function pack() {
  const args = ['--sort=name', '--numeric-owner', '--exclude=*.log', '-C', dataDir, '-c', '.'];
  const tar = execFileSync('tar', args, { maxBuffer: 2 ** 30 });
  const { BROTLI_PARAM_LARGE_WINDOW, BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY } = constants;
  const params = { [BROTLI_PARAM_LARGE_WINDOW]: 1, [BROTLI_PARAM_LGWIN]: 27, [BROTLI_PARAM_QUALITY]: 9 };
  const packed = brotliCompressSync(tar, { params });
  console.log(`${tar.length} bytes, packed ${packed.length}`);
  return packed;
}
