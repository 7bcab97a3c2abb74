// `pnpm test:browser`: builds, and looks at the pages in a Chromium of this machine. Ends with a line `N passed, N failed`.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';

const config = join(import.meta.dirname, '..', 'vitest.browser.config.ts');

try {
  findChromium();
  const wanted = process.argv.slice(2).filter((arg, i) => i > 0 || arg !== '--');
  const child = fork(join(import.meta.dirname, 'test.mjs'), ['--config', config, ...wanted]);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  console.error(error.message);
  console.log('\n0 passed, 1 failed');
  process.exitCode = 1;
}
