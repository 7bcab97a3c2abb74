import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, run } from './command.mjs';

/**
 * A Node of npm's package `node`, in the cache of the scripts, so that the machine is not changed.
 * @param {string} version such as 22 or 24.21.0
 * @returns {Promise<string>} the path of its binary
 * @throws Error if npm could not install it
 */
export async function nodeOf(version) {
  const folder = join(cache, `node-${version}`);
  const binary = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // a project of its own, so that npm does not read this workspace
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { code, output } = await run('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], { cwd: folder });
  if (code === 0 && existsSync(binary)) return binary;
  throw new Error(`Node ${version} could not be installed from npm.\n${output}`);
}
