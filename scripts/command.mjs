import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Runs a program of node_modules/.bin, or any other, and keeps what it prints.
 * @returns its exit code (1 when it could not start or was killed) and its output, both streams in the order they came
 */
export function run(command, args, { cwd = process.cwd(), env = process.env } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const path = [join(cwd, 'node_modules', '.bin'), env.PATH].join(delimiter);
    const child = spawn(command, args, { cwd, env: { ...env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * An environment in which `pnpm` is a command: turbo looks for it on the PATH, where it is not when a script was started by
 * node alone. The stand-in calls the pnpm that started us, or else the version that package.json names.
 */
export function withPnpm(root, { packageManager }) {
  const folder = join(root, 'node_modules', '.cache', 'errand', 'bin');
  const starter = process.env.npm_execpath;
  const call =
    starter && /pnpm\.c?js$/.test(starter) ? `"${process.execPath}" "${starter}"` : `npx -y ${packageManager}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pnpm'), `#!/bin/sh\nexec ${call} "$@"\n`);
  chmodSync(join(folder, 'pnpm'), 0o755);
  return { ...process.env, PATH: [process.env.PATH, folder].join(delimiter) };
}
