// `pnpm demo webhooks`: two processes of the service, one of which is killed repeatedly, a receiver of webhooks, and a schedule.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, startServer } from './demo-server.mjs';
import { importDemo } from './stack.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @returns the exit code: 0 when every step succeeded */
export async function demoWebhooks() {
  const { hooksWalkthrough, startCrm, startReceiver } = await importDemo();
  /** @type {ChildProcess[]} */
  const children = [];
  const dir = mkdtempSync(join(tmpdir(), 'errand-webhooks-'));
  const [crm, receiver] = await Promise.all([startCrm(), startReceiver()]);
  try {
    const env = { ERRAND_EGRESS_ALLOW: [crm.url, receiver.url].join(','), ERRAND_RATE_LIMIT: '0', LOG_LEVEL: 'error' };
    const first = await startServer(children, join(dir, 'one'), env);
    const masterKeys = process.env.ERRAND_MASTER_KEYS ?? readFileSync(join(dir, 'one', 'master-keys'), 'utf8').trim();
    const more = {
      ...env,
      DATABASE_URL: first.databaseUrl,
      ERRAND_TENANT_DATABASE_URL: first.tenantDatabaseUrl,
      ERRAND_MASTER_KEYS: masterKeys,
    };
    const startSecond = () => startServer(children, join(dir, 'two'), more);
    await startSecond();
    const killOne = async () => {
      const child = children.pop();
      child?.kill('SIGKILL');
      await startSecond();
    };
    const faults = await hooksWalkthrough({
      url: first.url,
      apiKey: first.apiKey,
      crm,
      receiver,
      killOne,
      say: console.log,
    });
    for (const fault of faults) console.error(fault);
    console.log(faults.length === 0 ? '\nAll of it went as it should.' : `\n${faults.length} went wrong.`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    // The newest first: the first process of the service runs the database.
    for (const child of children.reverse()) await end(child);
    await Promise.all([crm.close(), receiver.close()]);
    rmSync(dir, { recursive: true, force: true });
  }
}
