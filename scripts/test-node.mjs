// `pnpm test:node 22 [-- arguments of vitest]`: runs the projects unit, db and e2e on another Node. npm's package `node` provides it in the
// cache of the scripts, so the machine is not changed. Without arguments every test runs.
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { run } from './command.mjs';
import { nodeOf } from './node-of.mjs';

const [version = '', ...rest] = process.argv.slice(2);
const args = rest.filter((arg, i) => i > 0 || arg !== '--');
if (!/^\d+(\.\d+){0,2}$/.test(version)) {
  console.error('Name a version of Node: pnpm test:node 22');
  process.exit(2);
}
const node = await nodeOf(version).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
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
