import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from './settings-files.mjs';

test.runIf(process.platform !== 'win32')('files without an end are refused, and short ones are read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'errand.config.json'), '\uFEFF{ "PORT": 4100 }');
  writeFileSync(join(folder, '.env'), 'ERRAND_DATA_DIR=äöü\nPORT=1\n');
  expect(readSettings(folder, {}).values).toEqual({ PORT: '4100', ERRAND_DATA_DIR: 'äöü' });
  rmSync(join(folder, '.env'));
  symlinkSync('/dev/zero', join(folder, '.env'));
  expect(() => readSettings(folder, {})).toThrow(/\.env is larger than 1000000 bytes\.$/);
  rmSync(join(folder, '.env'));
  symlinkSync(folder, join(folder, '.env'));
  expect(() => readSettings(folder, {})).toThrow(/\.env cannot be read: EISDIR.*Correct its permissions, or move it/);
});
