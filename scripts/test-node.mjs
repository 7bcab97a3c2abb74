// `pnpm test:node 22 [-- arguments of vitest]`: runs the projects unit, db and e2e on another Node. npm's package `node` provides it in the
// cache of the scripts, so the machine is not changed. Without arguments every test runs.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cache, run } from './command.mjs';

const [version = '', ...rest] = process.argv.slice(2);
const args = rest.filter((arg, i) => i > 0 || arg !== '--');
if (!/^\d+(\.\d+){0,2}$/.test(version)) {
  console.error('Name a version of Node: pnpm test:node 22');
  process.exit(2);
}
const node = await nodeOf(version);
const { code, output } = await run(node, ['--version']);
console.log(code === 0 ? `Node ${output.trim()}` : output);
const child = spawn(node, [join(import.meta.dirname, 'test.mjs'), ...args], {
  stdio: 'inherit',
  // programs that the tests start by the name `node` get the same version
  env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
});
// Ctrl-C also reaches the child, which ends in order.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
child.on('exit', (exit) => {
  process.exitCode = exit ?? 1;
});

/** @param {string} version @returns {Promise<string>} the path of its binary */
async function nodeOf(version) {
  const folder = join(cache, `node-${version}`);
  const binary = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // a project of its own, so that npm does not read this workspace
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { code, output } = await run('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], { cwd: folder });
  if (code === 0 && existsSync(binary)) return binary;
  console.error(`Node ${version} could not be installed from npm.\n${output}`);
  process.exit(1);
}
