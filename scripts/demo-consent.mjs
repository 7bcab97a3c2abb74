// `pnpm demo consent`: two processes of the service, an authorization server with a calendar, and a CRM, each as a process, and a Chromium
// in which a user accepts or declines.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchChromium } from './chromium.mjs';
import { end, startServer } from './demo-server.mjs';
import { importDemo } from './stack.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const root = dirname(import.meta.dirname);
// The service refuses unknown variables.
const { ERRAND_CHROMIUM: _, ...ownEnv } = process.env;

/** @returns the exit code: 0 when every step succeeded */
export async function demoConsent() {
  const browser = await launchChromium();
  /** @type {ChildProcess[]} */
  const children = [];
  const dir = mkdtempSync(join(tmpdir(), 'errand-consent-'));
  try {
    const { authorization, calendar } = await startDemo(children, 'calendar/main.js');
    const { crm, token } = await startDemo(children, 'main.js');
    const env = { ERRAND_EGRESS_ALLOW: [authorization.issuer, calendar.url, crm.url].join(',') };
    const first = await startServer(children, join(dir, 'one'), env);
    const masterKeys = ownEnv.ERRAND_MASTER_KEYS ?? readFileSync(join(dir, 'one', 'master-keys'), 'utf8').trim();
    const second = await startServer(children, join(dir, 'two'), {
      ...env,
      DATABASE_URL: first.databaseUrl,
      ERRAND_TENANT_DATABASE_URL: first.tenantDatabaseUrl,
      ERRAND_MASTER_KEYS: masterKeys,
    });
    const { consentWalkthrough } = await importDemo();
    const faults = await consentWalkthrough({
      urls: [first.url, second.url],
      apiKey: first.apiKey,
      authorization,
      calendar,
      crm: { openapi: crm.openapi, token },
      newPage: async () => (await browser.newContext()).newPage(),
      say: console.log,
    });
    for (const fault of faults) console.error(fault);
    console.log(faults.length === 0 ? '\nAll of it went as it should.' : `\n${faults.length} went wrong.`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    // The newest first: the first process of the service runs the database.
    for (const child of children.reverse()) await end(child);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Starts a program of the demo. @param {ChildProcess[]} children @param {string} program @returns {Promise<any>} its first message */
function startDemo(children, program) {
  const child = spawn(process.execPath, [join(root, 'apps/demo/dist', program)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let out = '';
  return new Promise((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (out.includes('\n')) done(JSON.parse(out));
    });
    child.once('error', fail).once('exit', () => fail(new Error(`${program} did not start.`)));
  });
}
