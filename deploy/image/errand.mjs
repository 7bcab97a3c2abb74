#!/usr/bin/node --max-semi-space-size=64
// The program of the image: a role of the service, its health, or a command.
//   errand [server|http|worker] …    starts the service; `server` takes the role from ERRAND_ROLE
//   errand health                    ends with 0 if the service of this container is ready; a worker, if it answers
//   errand login-link | platform-key | workspace | reseal | verify-audit …    a command of the operator
//   errand doctor | migrate | backup …    a command of the command line
import { get } from 'node:http';
import { join } from 'node:path';

const HEALTH_MS = 4000;
const MAX_BYTES = 2000;
const OPERATOR_COMMANDS = ['login-link', 'platform-key', 'workspace', 'reseal', 'verify-audit'];

const [word = 'server', ...args] = process.argv.slice(2);
if (word === 'health') process.exitCode = await health();
else if (word === 'server') await load('apps/server/dist/main.js', args);
else if (word === 'http' || word === 'worker') await load('apps/server/dist/main.js', ['--role', word, ...args]);
else if (OPERATOR_COMMANDS.includes(word)) await load(`apps/server/dist/${word}.js`, args);
else await load('apps/cli/dist/main.js', [word, ...args]);

/** Runs a program of the package in this process, so that it gets the signals. @param {string} path @param {string[]} programArgs */
async function load(path, programArgs) {
  const program = join(import.meta.dirname, 'app', path);
  process.argv.splice(1, process.argv.length, program, ...programArgs);
  await import(program);
}

/** Asks the service whether it is ready, and a worker whether it answers, without loading any of it. @returns the exit code */
async function health() {
  const url = healthUrl(process.env);
  if (url === undefined) {
    console.error('A worker answers only on its port of metrics. Set ERRAND_METRICS_PORT.');
    return 1;
  }
  const { status, text } = await read(url).catch((error) => ({ status: 0, text: error.message || error.code }));
  if (status === 200) return 0;
  console.error(`${url} ${status === 0 ? 'does not answer' : `answers ${status}`}: ${text}`);
  return 1;
}

/** @param {NodeJS.ProcessEnv} env @returns {string | undefined} undefined if the process listens nowhere */
function healthUrl({ ERRAND_ROLE, HOST, PORT, ERRAND_PORT, ERRAND_METRICS_PORT, ERRAND_METRICS_HOST }) {
  if (ERRAND_ROLE !== 'worker') return `http://${reachable(HOST)}:${ERRAND_PORT || PORT || 4000}/readyz`;
  return ERRAND_METRICS_PORT && `http://${reachable(ERRAND_METRICS_HOST)}:${ERRAND_METRICS_PORT}/metrics`;
}

/** The host at which this machine reaches a server that listens there. @param {string | undefined} host */
function reachable(host) {
  if (!host || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** @param {string} url @returns {Promise<{ status: number, text: string }>} the status, and the beginning of the answer */
function read(url) {
  return new Promise((done, fail) => {
    const request = get(url, { signal: AbortSignal.timeout(HEALTH_MS) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text = (text + part).slice(0, MAX_BYTES);
      });
      response.on('end', () => done({ status: response.statusCode ?? 0, text })).on('error', fail);
    });
    request.on('error', fail);
  });
}
