import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrCreateMasterKeys } from './data-dir.ts';
import { lockDataDir } from './lock.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'errand-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('a directory has one server at a time', async () => {
  const unlock = await lockDataDir(dir);
  await expect(lockDataDir(dir)).rejects.toThrow(/already runs/);
  await unlock();
  await (await lockDataDir(dir))();
});

test('files of a crashed server do not lock the directory', async () => {
  // this process's id, but begun at another time: as when an id is used again
  await writeFile(join(dir, `server.${process.pid}.1.lock`), '');
  await (await lockDataDir(dir))();
  expect(await readdir(dir)).toEqual([]);
});

test('concurrent callers create the master keys once', async () => {
  const keys = await Promise.all(Array.from({ length: 10 }, () => readOrCreateMasterKeys(dir)));
  expect(new Set(keys).size).toBe(1);
  expect(await readOrCreateMasterKeys(dir)).toBe(keys[0]);
});

test('an empty file of master keys is an error with instructions', async () => {
  await writeFile(join(dir, 'master-keys'), '\n');
  await expect(readOrCreateMasterKeys(dir)).rejects.toThrow(/master-keys is empty.*backup/);
});
