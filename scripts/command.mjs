import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Time from SIGTERM to SIGKILL, in ms. */
const END_MS = 2000;

const root = dirname(import.meta.dirname);
/** Cache of the scripts, removed with node_modules. */
export const cache = join(root, 'node_modules', '.cache', 'errand');

/**
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine] called with each line as it comes
 * @property {AbortSignal} [signal] aborted: the program is ended, with the programs that it has started
 */

/**
 * Runs a program of node_modules/.bin, or any other, and captures its output.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>} its exit code (1 when it could not start or was killed), and both output streams in
 * the order of arrival
 */
export function run(command, args, { cwd = root, env = process.env, onLine = () => {}, signal } = {}) {
  return new Promise((resolve) => {
    let output = '';
    let line = '';
    const path = [join(cwd, 'node_modules', '.bin'), env.PATH].join(delimiter);
    // a group of its own if it can be aborted
    const child = spawn(command, args, { cwd, env: { ...env, PATH: path }, detached: signal !== undefined });
    child.stdin.end();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        const lines = (line + text).split('\n');
        line = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
    }
    const release = signal ? endWith(signal, child) : () => {};
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}\n` }));
    child.on('close', (code) => {
      release();
      resolve({ code: code ?? 1, output });
    });
  });
}

/** Ends a child and its group when the signal aborts. @param {AbortSignal} signal @param {ChildProcess} child */
function endWith(signal, child) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const kill = () => killGroup(child, 'SIGKILL');
  const end = () => {
    killGroup(child, 'SIGTERM');
    timer = setTimeout(kill, END_MS);
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  // a second Ctrl-C does not wait
  process.once('exit', kill);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    process.off('exit', kill);
    if (signal.aborted) kill();
  };
}

/** Sends a signal to a child and the process group that it leads. @param {ChildProcess} child @param {NodeJS.Signals} signal */
function killGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // it has ended
  }
}

/** The command for pnpm: the program that started this script, or the version in package.json. @returns {string[]} */
export function pnpm() {
  const starter = process.env.npm_execpath;
  if (starter && /pnpm\.c?js$/.test(starter)) return [process.execPath, starter];
  return ['npx', '-y', JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager];
}

/** An environment in which `pnpm` is a command, which turbo needs. A script started by node alone has none. */
export function withPnpm() {
  const folder = join(cache, 'bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'pnpm'),
    `#!/bin/sh\nexec ${pnpm()
      .map((part) => `"${part}"`)
      .join(' ')} "$@"\n`,
  );
  chmodSync(join(folder, 'pnpm'), 0o755);
  return { ...process.env, PATH: [process.env.PATH, folder].join(delimiter) };
}
