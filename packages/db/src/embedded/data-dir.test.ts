import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePrivate } from './data-dir.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'errand-private-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('only the owner can read the new folder, regardless of the umask', async () => {
  const before = process.umask(0);
  try {
    await makePrivate(join(base, 'deep', 'errand'));
  } finally {
    process.umask(before);
  }
  expect([await modeOf(join(base, 'deep', 'errand')), await modeOf(join(base, 'deep'))]).toEqual([0o700, 0o700]);
});

test("wider modes of the folder and of Errand's files are corrected; other files stay unchanged", async () => {
  const folder = join(base, 'errand');
  await mkdir(folder);
  const files = [
    'master-keys',
    'dev.json',
    'demo.json',
    'server.log',
    'server.log.old',
    'server.7.1.lock',
    'dev.json.7.part',
  ];
  for (const name of [...files, 'notes.txt']) {
    await writeFile(join(folder, name), 'x');
    await chmod(join(folder, name), 0o666);
  }
  await writeFile(join(base, 'elsewhere'), 'x', { mode: 0o644 });
  await rm(join(folder, 'server.7.1.lock'));
  await symlink(join(base, 'elsewhere'), join(folder, 'server.7.1.lock'));
  await chmod(folder, 0o777);
  await makePrivate(folder);
  expect(await modeOf(folder)).toBe(0o700);
  for (const name of files.filter((file) => file !== 'server.7.1.lock'))
    expect(await modeOf(join(folder, name)), name).toBe(0o600);
  expect(await modeOf(join(folder, 'notes.txt'))).toBe(0o666);
  expect(await modeOf(join(base, 'elsewhere'))).toBe(0o644);
});

test('an open folder with folders of other programs is rejected and stays unchanged', async () => {
  const folder = join(base, 'lib');
  await mkdir(folder);
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'dpkg'));
  await writeFile(join(folder, 'server.log'), 'x');
  await expect(makePrivate(folder)).rejects.toThrow(
    /ERRAND_DATA_DIR .*folders of other programs.*separate folder.*0700/,
  );
  expect(await modeOf(folder)).toBe(0o755);
  await rm(join(folder, 'dpkg'), { recursive: true });
  await makePrivate(folder);
  expect(await modeOf(folder)).toBe(0o700);
});

test('a shared folder is rejected and stays unchanged', async () => {
  const folder = join(base, 'tmp');
  await mkdir(folder);
  await chmod(folder, 0o1777);
  await expect(makePrivate(folder)).rejects.toThrow(/ERRAND_DATA_DIR .*shared with other users.*separate folder/);
  expect((await stat(folder)).mode & 0o7777).toBe(0o1777);
});

test.runIf(process.getuid?.() === 0)(
  'a folder of somebody else that is open is refused to who may not change it',
  async () => {
    const folder = join(base, 'foreign');
    await mkdir(folder);
    await chmod(base, 0o755);
    await chmod(folder, 0o777);
    process.seteuid!(65_534);
    try {
      await expect(makePrivate(folder)).rejects.toThrow(/open to others, its mode is 0777 and it belongs to user 0/);
    } finally {
      process.seteuid!(0);
    }
  },
);

test("only root's folder may let a group enter", async () => {
  const folder = join(base, 'passage');
  await mkdir(folder);
  await chmod(folder, 0o710);
  await makePrivate(folder);
  expect(await modeOf(folder)).toBe(process.getuid?.() === 0 ? 0o710 : 0o700);
});
