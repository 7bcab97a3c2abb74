// The steps of `errand up` and `pnpm start`, in order. An early end, by Ctrl-C or a fault, leaves nothing running.
// The modules of this folder are JavaScript without dependencies: `pnpm start` uses them before anything is installed or built.
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkDatabase, choosePort, folderFault } from './checks.mjs';
import { claim, holders } from './claim.mjs';
import { orAbort, watchLeaving } from './leaving.mjs';
import { findRunning, hasStartedBefore } from './running.mjs';
import { createScreen } from './screen.mjs';

/**
 * @typedef {import('./screen.mjs').Screen} Screen
 * @typedef {import('./running.mjs').Running} Running
 * @typedef {typeof import('../service/stack.ts')} Built
 * @typedef {import('../service/stack.ts').Stack} Stack
 * @typedef {{ data?: string | undefined, port?: string | undefined, demo: boolean, open: boolean, withoutBackup?: boolean }} UpArguments of the command line
 *
 * @typedef {object} UpOptions
 * @property {NodeJS.ProcessEnv} env
 * @property {string} folder with `.env`, `errand.config.json` and, by default, the data folder
 * @property {UpArguments} args
 * @property {typeof import('@errand/server/folder-settings').readSettings} readSettings
 * @property {(step: Step) => Promise<void>} [prepare] carries out the steps before Postgres
 * @property {() => Promise<Built>} load imports the rest, after `prepare`
 *
 * @typedef {{ screen: Screen, signal: AbortSignal, dataDir: string }} Step
 * @typedef {Step & { settings: import('@errand/server/folder-settings').SettingsFiles, stack: () => Promise<Stack> }} Start
 */

const HELD = `\nThe database was restored from a backup and is held: no run, schedule, webhook or refresh moves.\nStop the original, then run errand resume.`;
/** Prints a link to sign in. It has this place in the repository and in the package. */
const LINK_PROGRAM = fileURLToPath(new URL('../../../../server/dist/login-link.js', import.meta.url));

/** @param {UpOptions} options @returns {Promise<0 | 1>} the exit code */
export async function up(options) {
  const screen = createScreen(options.env);
  /** @type {Stack | undefined} */
  let stack;
  const leaving = watchLeaving(options.env, () => {
    stack?.kill();
    screen.stopped();
    screen.warn('Stopped at once.');
    leaving.close();
    process.exit(1);
  });
  const { signal } = leaving;
  let dataDir = '';
  let release = () => {};
  try {
    const settings = options.readSettings(options.folder, options.env);
    dataDir = resolve(options.folder, options.args.data ?? settings.values.ERRAND_DATA_DIR ?? '.errand');
    const step = { screen, signal, dataDir };
    const folderClaim = await claimFolder(step);
    if ('running' in folderClaim) return await showRunning(folderClaim.running, step, options);
    release = folderClaim.release;
    const open = async () => {
      const { createStack, checkNames } = await options.load();
      checkNames(settings, screen.warn);
      const { demo: withDemo, withoutBackup } = options.args;
      stack = createStack({ dataDir, settings: settings.values, withDemo, withoutBackup, screen });
      return stack;
    };
    await bringUp({ ...step, settings, stack: open }, options);
    return 0;
  } catch (error) {
    if (signal.aborted) {
      screen.stopped();
      return 0;
    }
    screen.failed();
    screen.warn(folderFault(error, dataDir) ?? /** @type {Error} */ (error).message);
    return 1;
  } finally {
    await stack?.stop();
    release();
    leaving.close();
    if (signal.aborted) screen.say('Stopped.');
  }
}

/**
 * Claims the folder, and waits while another start has it.
 * @param {Step} step
 * @returns {Promise<{ running: Running } | { release: () => void }>} the running service, or a function that releases the claim
 */
async function claimFolder({ screen, signal, dataDir }) {
  for (let announced = false; ; await sleep(200, undefined, { signal })) {
    const running = await findRunning(dataDir);
    if (running) return { running };
    const release = await claim(dataDir, 'start');
    if (release) return { release };
    const [otherPid] = holders(dataDir, 'start');
    if (!announced && otherPid)
      screen.say(`Another start from ${dataDir} is under way (process ${otherPid}); waiting for it …`);
    announced ||= otherPid !== undefined;
  }
}

/** @param {Running} running @param {Step} step @param {UpOptions} options @returns {Promise<0>} */
async function showRunning(running, { screen, dataDir }, options) {
  const { args, env, load } = options;
  screen.say(alreadyRunning(running, dataDir, linkCommandFor(dataDir, options)));
  if (args.open) (await load()).openPage(`${running.url}/console`, { browser: env.BROWSER });
  return 0;
}

/** @param {Running} running @param {string} dataDir @param {string} linkCommand */
const alreadyRunning = ({ url }, dataDir, linkCommand) => `Errand already runs at ${url}, from ${dataDir}.

API key        ${readKeyCommand(dataDir)}
Console        ${url}/console
               A link to sign in: ${linkCommand}
API reference  ${url}/docs
Log            ${join(dataDir, 'server.log')}

Ctrl-C in the terminal where it was started stops it.`;

/** @param {string} dataDir */
const readKeyCommand = (dataDir) => `node -p "require('${join(dataDir, 'dev.json')}').apiKey"`;

/** @param {string} dataDir @param {UpOptions} options */
function linkCommandFor(dataDir, { folder }) {
  const variable = dataDir === join(folder, '.errand') ? '' : `ERRAND_DATA_DIR='${dataDir}' `;
  return `${variable}node ${relative(folder, LINK_PROGRAM)}`;
}

/** @param {Start} start @param {UpOptions} options */
async function bringUp({ screen, signal, dataDir, settings, stack: openStack }, options) {
  const { args, env, prepare, load } = options;
  const isFirst = !hasStartedBefore(dataDir);
  const { port, moved } = await choosePort(settings.values, args.port);
  await checkDatabase(settings.values.DATABASE_URL);
  signal.throwIfAborted();
  if (moved) screen.say(`Port 4000 is taken, so Errand will be on port ${port}. Set PORT to choose one.`);
  await prepare?.({ screen, signal, dataDir });
  const stack = await openStack();
  const { importDemo, invitation, openPage, planning } = await load();

  screen.begin('Postgres');
  let isHeld = false;
  const starting = stack.start({ ERRAND_PORT: String(port) }, (postgres) => {
    screen.done(settings.values.DATABASE_URL ? 'yours' : 'its own');
    if (postgres.backup) screen.say(`The data were backed up before this version changed them: ${postgres.backup}`);
    isHeld = postgres.isHeld ?? false;
    screen.begin('Service');
  });
  const { url, apiKey, crm, loginLink, refused } = await orAbort(starting, signal);
  screen.done(url);

  screen.say(`\nErrand is ready at ${url}`);
  if (isHeld) screen.say(HELD);
  if (isFirst && crm && !isHeld) {
    screen.say('\nA first errand, with the demo CRM:');
    const { welcome } = await importDemo();
    await orAbort(welcome({ url, apiKey, say: screen.say }), signal).catch((error) => {
      signal.throwIfAborted();
      screen.warn(`The errand failed: ${error.message}`);
    });
  }
  const key = readKeyCommand(dataDir);
  const linkCommand = linkCommandFor(dataDir, options);
  const planner = planning(settings.values);
  screen.say(invitation({ url, apiKey, crm, loginLink, isFirst, key, linkCommand, dataDir, planner }));
  if (args.open) openPage(loginLink ?? `${url}/console`, { browser: env.BROWSER });
  await orAbort(refused, signal).catch((error) => {
    screen.say('\nStopping …');
    throw error;
  });
}
