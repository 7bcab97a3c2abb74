// `pnpm test [-- what to pass to vitest]`: builds, runs every test, and ends with a line `N passed, N failed`.
// Not those of the project `browser`, which need a Chromium, when no project is named.
import { build } from './build.mjs';

const args = process.argv.slice(2).filter((arg, i) => i > 0 || arg !== '--');
const built = await build();
if (built.ok) {
  const { test } = await import('./vitest.mjs');
  await test(args.some((arg) => arg.startsWith('--project')) ? args : ['--project=!browser', ...args]);
} else {
  console.error(`${built.output}\nThe build failed, so no test was run.\n\n0 passed, 1 failed`);
  process.exitCode = 1;
}
