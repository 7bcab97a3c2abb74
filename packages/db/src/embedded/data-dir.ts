import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { folderFault } from './folder-fault.ts';

/** Reads the master keys of all stored credentials, or creates them on the first start. @throws ExplainedError if the file is empty */
export async function masterKeysOf(dataDir: string): Promise<string> {
  const path = join(dataDir, 'master-keys');
  const keys = await readIfThere(path);
  if (keys?.trim()) return keys.trim();
  if (keys !== undefined) {
    throw new ExplainedError(
      `The file ${path} is empty. It contains the keys of all stored credentials and API keys: restore it from a backup. ` +
        'If nothing is stored yet, delete it, and Errand creates a new one.',
    );
  }
  await mkdir(dataDir, { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, 'wx', 0o600);
    await file.writeFile(`k1:${randomBytes(32).toString('base64')}\n`);
    await file.sync();
    await file.close();
    // Of two concurrent starts, one creates the file and the other reads it.
    await link(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(part, { force: true });
  }
  return masterKeysOf(dataDir);
}

/** Creates the folder if it is missing, and writes a test file. @throws ExplainedError if it is unusable */
export async function checkFolder(dataDir: string): Promise<void> {
  const probe = join(dataDir, `write-test.${randomUUID()}`);
  try {
    await makeFolder(dataDir);
    await writeFile(probe, '0'.repeat(10_000), { mode: 0o600 });
  } catch (error) {
    throw folderFault(error, dataDir);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

/** Replaces `mkdir` with `recursive`, which never returns in folders such as /proc. */
export async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path, 0o700);
  await make().catch(async (error) => {
    if (error.code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

export type DevFile = { url: string; apiKey: string; databaseUrl: string; tenantDatabaseUrl: string };

const devPath = (dataDir: string) => join(dataDir, 'dev.json');

export async function readDevFile(dataDir: string): Promise<Partial<DevFile>> {
  try {
    return JSON.parse((await readIfThere(devPath(dataDir))) ?? '{}');
  } catch {
    return {};
  }
}

/** Writes the file atomically; only its owner can read it. */
export async function writeDevFile(dataDir: string, dev: DevFile): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const part = `${devPath(dataDir)}.${process.pid}.part`;
  await writeFile(part, `${JSON.stringify(dev, null, 2)}\n`, { mode: 0o600 });
  await rename(part, devPath(dataDir));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Node omits the path if the file is a folder.
    throw Object.assign(error as Error, { path });
  }
}
