import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recentIds } from './recent-ids.ts';

const id = (n: number) => `01a22d0d-3406-72c5-83ad-${n.toString(16).padStart(12, '0')}`;

function recent() {
  const folder = mkdtempSync(join(tmpdir(), 'errand-recent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, ids: recentIds(folder, 'default') };
}

test('an id is found by its beginning, its end and @last', () => {
  const { folder, ids } = recent();
  ids.remember([id(0xabcd1), id(0xabcd2)], id(0xabcd3));
  ids.remember([id(0xabcd4)]);
  expect(ids.resolve('abcd2')).toBe(id(0xabcd2));
  expect(ids.resolve('@last')).toBe(id(0xabcd3));
  expect(ids.resolve(id(7))).toBe(id(7));
  expect(() => ids.resolve('01a22d0d')).toThrow(/fits 4 ids/);
  expect(() => ids.resolve('cd2')).toThrow(/too short/);
  expect(() => ids.resolve('ffff')).toThrow(/not one of the last 100/);
  expect(statSync(join(folder, 'recent-default.json')).mode & 0o777).toBe(0o600);
});

test('the last hundred are kept', () => {
  const { ids } = recent();
  for (let n = 0x1000; n < 0x1000 + 101; n++) ids.remember([id(n)]);
  expect(() => ids.resolve('000000001000')).toThrow(/not one of/);
  expect(ids.resolve('000000001001')).toBe(id(0x1001));
});
