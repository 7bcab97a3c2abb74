// `pnpm test [-- what to pass to vitest]`: builds, runs every test, and ends with a line `N passed, N failed`.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';

const root = join(import.meta.dirname, '..');
const wanted = process.argv.slice(2).filter((arg, i) => i > 0 || arg !== '--');

const built = await build();
if (built.ok) {
  const { counts, code } = await vitest(wanted);
  // A run that tested nothing, or that broke in a way nobody counted, has failed.
  if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) counts.failed = 1;
  finish(counts);
} else {
  console.error(built.output);
  console.error('The build failed, so no test was run.');
  finish({ passed: 0, failed: 1, skipped: 0 });
}

function vitest(args) {
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'summary.mjs')}`];
  const child = fork(join(root, 'node_modules', 'vitest', 'vitest.mjs'), ['run', ...reporters, ...args], { cwd: root });
  let counts = { passed: 0, failed: 0, skipped: 0 };
  child.on('message', (message) => {
    counts = message;
  });
  // It stops the Postgres that it started before it ends, so it is told, and waited for.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.connected && child.send('stop'));
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ counts, code: code ?? 1 }));
  });
}

function finish({ passed, failed, skipped }) {
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
