// The steps of `pnpm helpdesk`, in order. An early end, by Ctrl-C or a fault, leaves nothing running.
import './environment.mjs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { chooseLocalPort, folderFault } from '../../apps/cli/src/up/early/checks.mjs';
import { claim } from '../../apps/cli/src/up/early/claim.mjs';
import { readJson, writePrivately } from '../../apps/cli/src/up/early/json-files.mjs';
import { orAbort, watchLeaving } from '../../apps/cli/src/up/early/leaving.mjs';
import { createScreen } from '../../apps/cli/src/up/early/screen.mjs';
import { build } from '../build.mjs';
import { dataDir, loadStack, openStack } from '../stack.mjs';
import { createCredentials, registerCalendar, setUpWorkspace } from './set-up.mjs';

/**
 * @typedef {import('../../apps/cli/src/up/early/screen.mjs').Screen} Screen
 * @typedef {import('../stack.mjs').Stack} Stack
 * @typedef {import('./set-up.mjs').Credentials & { sessionSecret: string }} Saved
 */

const root = dirname(dirname(import.meta.dirname));

/** @returns the exit code */
export async function startHelpdesk() {
  const screen = createScreen(process.env);
  /** @type {Stack | undefined} */
  let stack;
  const leaving = watchLeaving(process.env, () => {
    stack?.kill();
    process.exit(1);
  });
  const { signal } = leaving;
  let release = () => {};
  try {
    const port = await chooseLocalPort(process.env, 'HELPDESK_PORT', 4100);
    const claimed = await claim(dataDir, 'helpdesk');
    if (!claimed) throw new Error(`The helpdesk of ${dataDir} already runs. Ctrl-C in its terminal stops it.`);
    release = claimed;
    screen.begin('Build');
    const built = await build({ onProgress: screen.update, signal });
    signal.throwIfAborted();
    if (!built.ok) throw new Error(`The build failed.\n${built.output}`);
    screen.done(built.changed ? 'done' : 'up to date');
    stack = await openStack(screen);
    const { ended } = await orAbort(bringUp(screen, stack, port), signal);
    await orAbort(ended, signal);
    throw new Error('The helpdesk has ended by itself.');
  } catch (error) {
    if (signal.aborted) return 0;
    screen.failed();
    screen.warn(folderFault(error, dataDir) ?? /** @type {Error} */ (error).message);
    return 1;
  } finally {
    if (signal.aborted) screen.stopped();
    await stack?.stop();
    release();
    leaving.close();
    if (signal.aborted) screen.say('Stopped.');
  }
}

/**
 * Starts the calendar, the service with the CRM, and the product.
 * @param {Screen} screen
 * @param {Stack} stack
 * @param {number} port of the product
 * @returns `ended` resolves when the product ends
 */
async function bringUp(screen, stack, port) {
  const appUrl = `http://localhost:${port}`;
  screen.begin('Services');
  const { authorization, calendar } = await startCalendar(stack);
  screen.done('a calendar and its sign-in');

  screen.begin('Errand');
  const origins = [authorization.issuer, calendar.url, `http://127.0.0.1:${port}`];
  process.env.ERRAND_EGRESS_ALLOW = [process.env.ERRAND_EGRESS_ALLOW, ...origins].filter(Boolean).join(',');
  const errandPort = String(await chooseLocalPort({}, 'ERRAND_PORT', 4200));
  const { url, apiKey } = await stack.start({
    ERRAND_PORT: errandPort,
    ERRAND_CORS_ORIGINS: appUrl,
    ERRAND_REDIRECT_ORIGINS: appUrl,
  });
  const errand = await connect({ url, apiKey });
  await setUpWorkspace(errand, appUrl);
  const { clientId, clientSecret } = authorization;
  await registerCalendar(errand, { documentUrl: calendar.openapi, clientId, clientSecret });
  const credentials = await credentialsFor(errand, port);
  screen.done(url);

  screen.begin('Helpdesk');
  const product = stack.launch([join(root, 'apps/helpdesk/dist/server/main.js')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PORT: String(port),
      APP_URL: appUrl,
      SESSION_SECRET: credentials.sessionSecret,
      ERRAND_URL: url,
      ERRAND_API_KEY: credentials.apiKey,
      ERRAND_WEBHOOK_SECRET: credentials.webhookSecret,
    },
  });
  const productEnded = new Promise((done) => product.once('exit', done));
  await Promise.race([new Promise((done) => product.once('message', done)), productEnded]);
  if (product.exitCode !== null) throw new Error('The helpdesk did not start.');
  screen.done(appUrl);
  screen.say(invitation(appUrl, url, authorization.users));
  return { ended: productEnded };
}

/** @param {{ url: string, apiKey: string }} options @returns {Promise<import('./set-up.mjs').Client>} */
async function connect(options) {
  const { createClient } = await import(new URL('../../packages/client/dist/index.js', import.meta.url).href);
  return createClient(options);
}

/** The credentials of an earlier start, or new ones. @param {import('./set-up.mjs').Client} errand @param {number} port */
async function credentialsFor(errand, port) {
  const path = join(dataDir, 'helpdesk.json');
  const webhookUrl = `http://127.0.0.1:${port}/webhooks/errand`;
  /** @type {Saved | undefined} */
  const saved = readJson(path);
  if (saved) {
    await errand.webhooks.patch.mutate({ webhookId: saved.webhookId, url: webhookUrl, active: true });
    return saved;
  }
  const created = await createCredentials(errand, webhookUrl);
  const credentials = { ...created, sessionSecret: randomBytes(32).toString('base64url') };
  writePrivately(path, credentials);
  return credentials;
}

/** Starts the calendar at its earlier address, if that is free. @param {Stack} stack */
async function startCalendar(stack) {
  const path = join(dataDir, 'calendar.json');
  const saved = readJson(path);
  const started = saved
    ? await launchCalendar(stack, saved).catch(() => launchCalendar(stack))
    : await launchCalendar(stack);
  writePrivately(path, started);
  return started;
}

/** @param {Stack} stack @param {any} [earlier] its line of an earlier start */
async function launchCalendar(stack, earlier) {
  const settings = earlier && {
    AUTHORIZATION_PORT: new URL(earlier.authorization.issuer).port,
    AUTHORIZATION_CLIENT_SECRET: earlier.authorization.clientSecret,
    CALENDAR_PORT: new URL(earlier.calendar.url).port,
  };
  const child = stack.launch([join(root, 'apps/demo/dist/calendar/main.js')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
  });
  const { firstLine } = await loadStack();
  return JSON.parse(await firstLine(child, 'The calendar'));
}

/** @param {string} appUrl @param {string} errandUrl @param {Record<string, string>} accounts of the calendar */
function invitation(appUrl, errandUrl, accounts) {
  const lines = Object.entries(accounts).map(([name, password]) => `user ${name}, password ${password}`);
  return `
The helpdesk is ready at ${appUrl}

Sign in as Ada, and ask for an event. The assistant asks you to connect your calendar: ${lines[0]}.
Sign in as Ben in a private window to approve what Ada sends to her team lead.

Errand        ${errandUrl}
Its data      ${dataDir}

Ctrl-C stops everything.`;
}
