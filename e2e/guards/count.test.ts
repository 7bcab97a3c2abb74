import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '..', '..');

/** Runs one test file like `pnpm test`. @returns the exit code and the end of the output */
function count(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'errand-count-'));
  try {
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {};\n');
    writeFileSync(join(folder, 'a.test.mjs'), `import { beforeAll, describe, expect, it } from 'vitest';\n${text}`);
    const env = { PATH: process.env.PATH };
    const { status, stdout } = spawnSync('node', [join(project, 'scripts/vitest.mjs')], { cwd: folder, env });
    return `${status}: ${/\n\n((\d+ left out\n)?\d+ passed, \d+ failed\n)$/.exec(String(stdout))?.[1]}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it.each([
  ['a test that passes', `it('a', () => {});`, '0: 1 passed, 0 failed\n'],
  ['a test that fails', `it('a', () => expect(1).toBe(2)); it('b', () => {});`, '1: 1 passed, 1 failed\n'],
  ['a test left out', `it.runIf(false)('a', () => {}); it('b', () => {});`, '0: 1 left out\n1 passed, 0 failed\n'],
  ['nothing', `it.runIf(false)('a', () => {});`, '1: 1 left out\n0 passed, 1 failed\n'],
  ['a file that breaks', `throw new Error('no');`, '1: 0 passed, 1 failed\n'],
  [
    'a hook that breaks',
    `describe('d', () => { beforeAll(() => { throw 1; }); it('a', () => {}); });`,
    '1: 1 left out\n0 passed, 1 failed\n',
  ],
  ['a process that dies', `it('a', () => process.kill(process.pid, 'SIGKILL'));`, '1: 0 passed, 2 failed\n'],
  [
    'a signal that a package manager repeats',
    `it('a', () => { for (const n of [1, 2]) process.kill(process.ppid, 'SIGTERM'); return new Promise(() => {}); });`,
    '1: 1 left out\n0 passed, 1 failed\n',
  ],
  ['a stray rejection', `it('a', async () => { Promise.reject(new Error('no')); });`, '1: 1 passed, 1 failed\n'],
])('%s is counted', (_, text, end) => {
  expect(count(text)).toBe(end);
});
