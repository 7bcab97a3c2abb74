// A process of the service for a demo.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const root = dirname(import.meta.dirname);
// The service refuses unknown variables.
const { ERRAND_CHROMIUM: _, ...ownEnv } = process.env;

/** @param {ChildProcess[]} children @param {string} dataDir @param {NodeJS.ProcessEnv} env */
export async function startServer(children, dataDir, env) {
  const child = spawn(process.execPath, [join(root, 'apps/server/dist/main.js')], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...ownEnv, ERRAND_PORT: '0', ERRAND_DATA_DIR: dataDir, ...env },
  });
  children.push(child);
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  await new Promise((done, fail) => {
    child.once('message', done);
    child.once('error', fail).once('exit', () => fail(new Error(err.trim() || 'The service did not start.')));
  });
  return JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8'));
}

/** @param {ChildProcess} child @returns {Promise<unknown>} */
export function end(child) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done(undefined);
    child.once('exit', done);
    child.kill('SIGTERM');
  });
}
