// The steps of `pnpm start` before those of `errand up`: the packages are installed and built.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from '../build.mjs';
import { install } from '../install.mjs';

/** @param {import('../../apps/cli/src/up/early/up.mjs').Step} step */
export async function prepare({ screen, signal, dataDir }) {
  screen.begin('Install');
  const installed = await install({ onProgress: screen.update, signal });
  signal.throwIfAborted();
  if (!installed.ok)
    throw new Error(failed('The packages could not be installed', join(dataDir, 'install.log'), installed.output));
  screen.done(installed.changed ? 'done' : 'up to date');

  screen.begin('Build');
  const built = await build({ onProgress: screen.update, signal });
  signal.throwIfAborted();
  if (!built.ok) throw new Error(failed('The build failed', join(dataDir, 'build.log'), built.output));
  screen.done(built.changed ? 'done' : 'up to date');
}

/**
 * One sentence with the first error of the output. A file gets all of it. @param {string} step @param {string} path @param {string} output
 */
function failed(step, path, output) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, output);
  // without the name of the task, and without the echoed commands
  const lines = output.split('\n').map((line) => line.replace(/^\S+:build: /, '').trim());
  const messages = lines.filter((line) => line !== '' && !line.startsWith('>'));
  const first = messages.find((line) => /\berror\b|ERR_/i.test(line)) ?? messages.at(-1) ?? '';
  return `${step}: ${first.replace(/[.:]$/, '')}. The whole output is in ${path}.`;
}
