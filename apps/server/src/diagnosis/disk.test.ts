import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskFinding } from './disk.ts';

const MIB = 2 ** 20;

test.each([
  [255, true, 'failed'],
  [255, false, 'failed'],
  [256, true, 'warning'],
  [256, false, 'ok'],
  [2048, true, 'ok'],
])('with %i MiB free and the embedded Postgres (%s) the disk is %s', async (mib, isEmbedded, status) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'errand-disk-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const finding = await diskFinding(dataDir, isEmbedded, async () => mib * MIB);
  expect(finding).toMatchObject({ check: 'disk', status });
});

test('a folder that does not exist is not created', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'errand-disk-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const seen: string[] = [];
  const finding = await diskFinding(join(parent, 'a', 'b'), true, async (folder) => {
    seen.push(folder);
    return 4096 * MIB;
  });
  expect(finding.status).toBe('ok');
  expect(seen).toEqual([parent]);
});
