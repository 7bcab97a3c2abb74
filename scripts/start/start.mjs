// The steps of `pnpm start`, in order. An early end, by Ctrl-C or a fault, leaves nothing running.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from '../build.mjs';
import { claim, holders } from '../claim.mjs';
import { install } from '../install.mjs';
import { createStack, dataDir, findRunning, hasStartedBefore, importDemo } from '../stack.mjs';
import { checkDatabase, choosePort, folderFault } from './checks.mjs';
import { orAbort, watchLeaving } from './leaving.mjs';
import { planning } from './planner.mjs';
import { createScreen } from './screen.mjs';
import { alreadyRunning, invitation } from './texts.mjs';

/**
 * @typedef {import('./screen.mjs').Screen} Screen
 * @typedef {ReturnType<typeof createStack>} Stack
 */

/** @returns the exit code */
export async function start() {
  const screen = createScreen();
  const stack = createStack();
  const leaving = watchLeaving(() => {
    stack.kill();
    screen.stopped();
    screen.warn('Stopped at once.');
    leaving.close();
    process.exit(1);
  });
  let release = () => {};
  try {
    const folderClaim = await claimFolder(screen, leaving.signal);
    if ('running' in folderClaim) {
      screen.say(alreadyRunning(folderClaim.running));
      return 0;
    }
    release = folderClaim.release;
    await bringUp(screen, stack, leaving.signal);
    return 0;
  } catch (error) {
    if (leaving.signal.aborted) {
      screen.stopped();
      return 0;
    }
    screen.failed();
    screen.warn(folderFault(error, dataDir) ?? /** @type {Error} */ (error).message);
    return 1;
  } finally {
    await stack.stop();
    release();
    leaving.close();
    if (leaving.signal.aborted) screen.say('Stopped.');
  }
}

/**
 * Claims the folder, and waits while another start has it.
 * @param {Screen} screen
 * @param {AbortSignal} signal
 * @returns {Promise<{ running: import('../stack.mjs').Running } | { release: () => void }>} the running service, or a function that
 * releases the claim
 */
async function claimFolder(screen, signal) {
  for (let announced = false; ; await sleep(200, undefined, { signal })) {
    const running = await findRunning();
    if (running) return { running };
    const release = await claim(dataDir, 'start');
    if (release) return { release };
    const [otherPid] = holders(dataDir, 'start');
    if (!announced && otherPid)
      screen.say(`Another start from ${dataDir} is under way (process ${otherPid}); waiting for it …`);
    announced ||= otherPid !== undefined;
  }
}

/** @param {Screen} screen @param {Stack} stack @param {AbortSignal} signal */
async function bringUp(screen, stack, signal) {
  const isFirst = !hasStartedBefore();
  const { port, moved } = await choosePort(process.env);
  await checkDatabase(process.env.DATABASE_URL);
  signal.throwIfAborted();
  if (moved) screen.say(`Port 4000 is taken, so Errand will be on port ${port}. Set PORT to choose one.`);

  screen.begin('Install');
  const installed = await install({ onProgress: screen.update, signal });
  signal.throwIfAborted();
  if (!installed.ok) throw new Error(failed('The packages could not be installed', 'install.log', installed.output));
  screen.done(installed.changed ? 'done' : 'up to date');

  screen.begin('Build');
  const built = await build({ onProgress: screen.update, signal });
  signal.throwIfAborted();
  if (!built.ok) throw new Error(failed('The build failed', 'build.log', built.output));
  screen.done(built.changed ? 'done' : 'up to date');

  screen.begin('Postgres');
  const starting = stack.start({ ERRAND_PORT: String(port) }, () => {
    screen.done(process.env.DATABASE_URL ? 'yours' : 'its own');
    screen.begin('Service');
  });
  const { url, apiKey, crm, loginLink, ended } = await orAbort(starting, signal);
  screen.done(url);

  screen.say(`\nErrand is ready at ${url}`);
  const crashed = ended.then(() => {
    if (!signal.aborted) throw new Error(`The service has ended by itself. ${join(dataDir, 'server.log')} says why.`);
  });
  crashed.catch(() => {});
  if (isFirst && crm) {
    screen.say('\nA first errand, with the demo CRM:');
    const { welcome } = await importDemo();
    await orAbort(Promise.race([welcome({ url, apiKey, say: screen.say }), crashed]), signal);
  }
  screen.say(invitation({ url, apiKey, crm, loginLink, isFirst, planner: planning(process.env) }));
  await orAbort(crashed, signal).catch((error) => {
    if (signal.aborted) screen.say('\nStopping …');
    throw error;
  });
}

/**
 * One sentence with the first error of the output. A file gets all of it. @param {string} step @param {string} name @param {string} output
 */
function failed(step, name, output) {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, name);
  writeFileSync(path, output);
  // without the name of the task, and without the echoed commands
  const lines = output.split('\n').map((line) => line.replace(/^\S+:build: /, '').trim());
  const messages = lines.filter((line) => line !== '' && !line.startsWith('>'));
  const first = messages.find((line) => /\berror\b|ERR_/i.test(line)) ?? messages.at(-1) ?? '';
  return `${step}: ${first.replace(/[.:]$/, '')}. The whole output is in ${path}.`;
}
