import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a file that only its owner can read, whole or not at all. */
async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, text, { mode: 0o600 });
  await rename(part, path);
}

/** The master keys of a data directory, made on the first start. They open every stored credential: keep them. */
export async function masterKeysOf(dataDir: string): Promise<string> {
  const path = join(dataDir, 'master-keys');
  const known = await readIfThere(path);
  if (known) return known.trim();
  await mkdir(dataDir, { recursive: true });
  const made = `k1:${randomBytes(32).toString('base64')}`;
  try {
    // `wx`: of two that start at once, one makes the key and the other finds it
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${made}\n`);
    await file.sync();
    await file.close();
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return masterKeysOf(dataDir);
  }
}

/** What a running server tells tools on the same machine, in `dev.json`. */
export type DevFile = { url: string; apiKey: string; databaseUrl: string };

const devPath = (dataDir: string) => join(dataDir, 'dev.json');

/** The file of an earlier start, or nothing. */
export async function readDevFile(dataDir: string): Promise<Partial<DevFile>> {
  try {
    return JSON.parse((await readIfThere(devPath(dataDir))) ?? '{}');
  } catch {
    return {};
  }
}

export const writeDevFile = (dataDir: string, dev: DevFile) =>
  writePrivately(devPath(dataDir), `${JSON.stringify(dev, null, 2)}\n`);

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
