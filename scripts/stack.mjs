// The service and, with the embedded database, the demo CRM as child processes, for `start` and `demo`.
import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killGroup } from './command.mjs';
import { commandOf } from './processes.mjs';

/**
 * @typedef {{ url: string, token: string }} Crm
 * @typedef {{ url: string, apiKey: string, crm?: Crm, loginLink?: string | undefined }} Running
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 * @typedef {(args: string[], options: import('node:child_process').SpawnOptions) => ChildProcess} Launch
 */

/** Time for draining before the service is killed, in ms. */
const END_MS = 35_000;
/** Time for Postgres to stop before it is killed, in ms. */
const POSTGRES_MS = 10_000;

/**
 * Semi-spaces of up to 64 MB, Node 24's default on large machines. A run creates many short-lived objects, and fewer collections take less
 * processor time.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';

const root = dirname(import.meta.dirname);
export const dataDir = resolve(process.env.ERRAND_DATA_DIR ?? join(root, '.errand'));

/** The record of a running server in the data directory, or nothing if no server answers. @returns {Promise<Running | undefined>} */
export async function findRunning() {
  const dev = readJson(join(dataDir, 'dev.json'));
  if (!dev?.url || !(await answers(dev))) return undefined;
  const demo = process.env.DATABASE_URL ? undefined : readJson(join(dataDir, 'demo.json'));
  return { ...dev, crm: demo && { url: demo.url, token: demo.token } };
}

/** Whether a service has run from the data directory, and has thus shown its API key. */
export const hasStartedBefore = () => existsSync(join(dataDir, 'dev.json'));

/** The built demo. @returns {Promise<typeof import('../apps/demo/src/index.ts')>} */
export const importDemo = () => import(new URL('../apps/demo/dist/index.js', import.meta.url).href);

/** @param {Running} dev */
const answers = ({ url, apiKey }) =>
  fetch(`${url}/v1/integrations`, { headers: { 'x-api-key': apiKey }, signal: AbortSignal.timeout(2000) })
    .then((response) => response.ok)
    .catch(() => false);

/**
 * The service, its Postgres and, with the embedded database, the demo CRM. `start` resolves when all are ready, and rejects with the
 * service's error; `stop` ends them in order; `kill` ends them at once.
 */
export function createStack() {
  /** @type {ChildProcess[]} */
  const children = [];
  /** @type {number | undefined} */
  let postgres;
  let stopped = false;
  /** @type {Launch} */
  const launch = (args, options) => {
    if (stopped) throw new Error('It was stopped.');
    const child = spawn(process.execPath, args, options);
    children.push(child);
    return child;
  };
  return {
    /** Starts another program with Node. It ends before those that were started earlier. */
    launch,
    /**
     * @param {NodeJS.ProcessEnv} env more variables for the service
     * @param onPostgres called when Postgres is ready
     */
    async start(env = {}, onPostgres = () => {}) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const crm = process.env.DATABASE_URL ? undefined : await startCrm(launch);
      /** @param {number} pid */
      const onReady = (pid) => {
        postgres = pid;
        onPostgres();
      };
      const server = await startServer(
        launch,
        { ...originSettings(process.env), ...env, ...(crm && seedOf(crm)) },
        onReady,
      );
      const { url, apiKey } = readJson(join(dataDir, 'dev.json'));
      if (crm) await repoint({ url, apiKey }, crm);
      const loginLink = await createLoginLink();
      return { url, apiKey, crm, loginLink, ended: new Promise((done) => server.once('exit', done)) };
    },
    async stop() {
      stopped = true;
      // the newest first: the service needs the CRM while it drains
      for (const child of [...children].reverse()) await end(child);
      // a killed service could not stop its Postgres
      await endPostgres(postgres);
    },
    kill() {
      stopped = true;
      for (const child of children) killGroup(child, 'SIGKILL');
      if (postgres !== undefined && commandOf(postgres).includes('postgres')) signalTo(postgres, 'SIGQUIT');
    },
  };
}

/** A link that signs the first administrator in; undefined if the command fails. @returns {Promise<string | undefined>} */
async function createLoginLink() {
  const program = join(root, 'apps/server/dist/login-link.js');
  const env = { ...process.env, ERRAND_DATA_DIR: dataDir };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env }).catch(() => ({ stdout: '' }));
  return /https?:\S+/.exec(stdout)?.[0];
}

/** Ends the Postgres with this process id, if it still runs, and waits for its end. @param {number | undefined} pid */
async function endPostgres(pid) {
  if (pid === undefined) return;
  const runs = () => commandOf(pid).includes('postgres');
  if (runs()) signalTo(pid, 'SIGINT');
  for (const start = Date.now(); runs(); await sleep(50))
    if (Date.now() - start > POSTGRES_MS) signalTo(pid, 'SIGQUIT');
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/**
 * On loopback alone, administrators may allow services of the private network and of this machine: all callers are on this machine.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function originSettings({ HOST, PUBLIC_URL, ERRAND_WORKSPACE_ORIGINS, ERRAND_WORKSPACE_LOOPBACK_PORTS }) {
  const hosts = [HOST || '127.0.0.1', ...(URL.canParse(PUBLIC_URL ?? '') ? [new URL(PUBLIC_URL ?? '').hostname] : [])];
  if (!hosts.every((host) => LOOPBACK.test(host))) return {};
  return {
    ERRAND_WORKSPACE_ORIGINS: ERRAND_WORKSPACE_ORIGINS || 'true',
    ERRAND_WORKSPACE_LOOPBACK_PORTS: ERRAND_WORKSPACE_LOOPBACK_PORTS || '1024-65535',
  };
}

/** @param {Crm} crm */
const seedOf = (crm) => ({
  ERRAND_EGRESS_ALLOW: [process.env.ERRAND_EGRESS_ALLOW, crm.url].filter(Boolean).join(','),
  ERRAND_SEED:
    process.env.ERRAND_SEED ??
    JSON.stringify([{ name: 'CRM', url: `${crm.url}/openapi.json`, token: crm.token, enable: 'all' }]),
});

/** Starts the CRM with its previous address and token, so that its registration stays valid. @param {Launch} launch */
async function startCrm(launch) {
  const knownDemo = readJson(join(dataDir, 'demo.json'));
  const port = knownDemo?.url ? new URL(knownDemo.url).port : '0';
  const crm = await launchCrm(launch, port, knownDemo?.token).catch((error) => {
    if (port === '0') throw error;
    return launchCrm(launch, '0', knownDemo?.token);
  });
  writePrivately(join(dataDir, 'demo.json'), crm);
  return crm;
}

/** @param {Launch} launch @param {string} port @param {string} [knownDemo] the token of an earlier start @returns {Promise<Crm>} */
async function launchCrm(launch, port, knownDemo) {
  const child = launch([join(root, 'apps/demo/dist/main.js')], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, CRM_PORT: port, ...(knownDemo && { CRM_TOKEN: knownDemo }) },
  });
  const line = await firstLine(child, 'The demo CRM');
  const { crm, token } = JSON.parse(line);
  return { url: crm.url, token };
}

/** The first line that a program prints. @param {ChildProcess} child @param {string} label @returns {Promise<string>} */
export function firstLine(child, label) {
  return new Promise((done, fail) => {
    let out = '';
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (out.includes('\n')) done(out.slice(0, out.indexOf('\n')));
    });
    child.once('error', fail).once('exit', () => fail(new Error(`${label} did not start.\n${err.trim()}`)));
  });
}

/** @param {Launch} launch @param {NodeJS.ProcessEnv} env @param {(pid: number) => void} onPostgres @returns {Promise<ChildProcess>} */
function startServer(launch, env, onPostgres) {
  // its own group: Ctrl-C in a terminal reaches this script alone, which then drains the children in order
  const log = openLog(join(dataDir, 'server.log'));
  const child = launch([YOUNG_GENERATION, join(root, 'apps/server/dist/main.js'), '--progress'], {
    detached: true,
    stdio: ['ignore', log, 'pipe', 'ipc'],
    env: { ...process.env, ERRAND_DATA_DIR: dataDir, ...env },
  });
  closeSync(log);
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    err = (err + text).slice(-4000);
  });
  return new Promise((done, fail) => {
    child.on('message', (/** @type {{ ready: string, pid: number }} */ message) =>
      message.ready === 'postgres' ? onPostgres(message.pid) : done(child),
    );
    child.once('error', fail).once('exit', () => fail(new Error(err.trim() || 'The service did not start.')));
  });
}

/** Registers the CRM again if it moved to another port. @param {Running} service @param {Crm} crm */
async function repoint({ url, apiKey }, crm) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const listed = await fetch(`${url}/v1/integrations`, { headers });
  const list = /** @type {{ customerIntegrationId: string, name: string, host: string }[]} */ (await listed.json());
  const stale = list.find((integration) => integration.name === 'CRM' && integration.host !== new URL(crm.url).host);
  if (!stale) return;
  await fetch(`${url}/v1/integrations/${stale.customerIntegrationId}`, {
    method: 'DELETE',
    headers: { 'x-api-key': apiKey },
  });
  const auth = { type: 'API_TOKEN', token: crm.token };
  const body = JSON.stringify({ name: 'CRM', url: `${crm.url}/openapi.json`, auth, enable: 'all' });
  const registered = await fetch(`${url}/v1/integrations`, { method: 'POST', headers, body });
  if (!registered.ok) throw new Error(`The CRM could not be registered again: ${await registered.text()}`);
}

/** @param {ChildProcess} child @returns {Promise<unknown>} */
function end(child) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return done(undefined);
    const timer = setTimeout(() => killGroup(child, 'SIGKILL'), END_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      done(code);
    });
    child.kill('SIGTERM');
  });
}

/** @param {string} path */
function openLog(path) {
  if (existsSync(path) && readFileSync(path).length > 10_000_000) renameSync(path, `${path}.old`);
  return openSync(path, 'a', 0o600);
}

/** @param {string} path @param {unknown} value */
export function writePrivately(path, value) {
  writeFileSync(`${path}.part`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

/** The content of a file, or nothing if it cannot be read. @param {string} path */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
