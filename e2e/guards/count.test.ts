import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '..', '..');
const installed = join(project, 'node_modules');

/** Runs vitest over one test file. @returns what scripts/summary.mjs counted */
async function count(text: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-count-'));
  try {
    symlinkSync(installed, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {};\n');
    writeFileSync(join(folder, 'a.test.mjs'), `import { beforeAll, describe, expect, it } from 'vitest';\n${text}`);
    const args = ['run', `--reporter=${join(project, 'scripts', 'summary.mjs')}`];
    const env = { PATH: process.env.PATH };
    const child = fork(join(installed, 'vitest', 'vitest.mjs'), args, { cwd: folder, env, stdio: 'ignore' });
    let counts: unknown;
    child.on('message', (message) => {
      counts = message;
    });
    await new Promise((resolve) => child.on('close', resolve));
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it.concurrent.each([
  ['a test that passes', `it('a', () => {});`, { passed: 1, failed: 0, skipped: 0 }],
  ['a test that fails', `it('a', () => expect(1).toBe(2)); it('b', () => {});`, { passed: 1, failed: 1, skipped: 0 }],
  ['a test left out', `it.runIf(false)('a', () => {}); it('b', () => {});`, { passed: 1, failed: 0, skipped: 1 }],
  ['a file that breaks', `throw new Error('no');`, { passed: 0, failed: 1, skipped: 0 }],
  [
    'a hook that breaks',
    `describe('d', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); });`,
    { passed: 0, failed: 1, skipped: 1 },
  ],
  [
    'a stray rejection',
    `it('a', async () => { Promise.reject(new Error('no')); await new Promise((r) => setTimeout(r, 50)); });`,
    { passed: 1, failed: 1, skipped: 0 },
  ],
])('%s is counted', async (_, text, counts) => {
  expect(await count(text)).toEqual(counts);
});
