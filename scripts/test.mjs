// `pnpm test [-- arguments of vitest]`: builds, runs every test, and ends with a line `N passed, N failed`. Without a project it excludes
// `browser` and `pages`, which need a Chromium, `python`, which needs a Python, and `slow` and `trouble`, which take minutes.
import { build } from './build.mjs';

const args = process.argv.slice(2).filter((arg, i) => i > 0 || arg !== '--');
const built = await build();
if (built.ok) {
  const { test } = await import('./vitest.mjs');
  const named = args.some((arg) => arg.startsWith('--project'));
  await test(named ? args : ['--project=unit', '--project=db', '--project=e2e', ...args]);
} else {
  console.error(`${built.output}\nThe build failed, so no test was run.\n\n0 passed, 1 failed`);
  process.exitCode = 1;
}
