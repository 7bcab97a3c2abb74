import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, lstat, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';

/** Reads the master keys of all stored credentials, or creates them on the first start. @throws ExplainedError if the file is empty */
export async function readOrCreateMasterKeys(dataDir: string): Promise<string> {
  const path = join(dataDir, 'master-keys');
  const keys = await readIfPresent(path);
  if (keys?.trim()) return keys.trim();
  if (keys !== undefined) {
    throw new ExplainedError(
      `The file ${path} is empty. It contains the keys of all stored credentials and API keys: restore it from a backup. ` +
        'If nothing is stored yet, delete it, and Errand creates a new one.',
    );
  }
  await mkdir(dataDir, { recursive: true });
  const temporaryFile = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(temporaryFile, 'wx', 0o600);
    await file.writeFile(`k1:${randomBytes(32).toString('base64')}\n`);
    await file.sync();
    await file.close();
    // Of two concurrent starts, one creates the file and the other reads it.
    await link(temporaryFile, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporaryFile, { force: true });
  }
  return readOrCreateMasterKeys(dataDir);
}

/** The master keys in the data folder; undefined if it has none. */
export async function readMasterKeys(dataDir: string): Promise<string | undefined> {
  return (await readIfPresent(join(dataDir, 'master-keys')))?.trim() || undefined;
}

/** Stores restored master keys in a data folder that has none. */
export async function storeMasterKeys(dataDir: string, masterKeys: string): Promise<void> {
  const file = await open(join(dataDir, 'master-keys'), 'wx', 0o600);
  try {
    await file.writeFile(`${masterKeys.trim()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** While a restore into the data folder is not complete, it has this file. */
const RESTORE_MARK = 'restore-incomplete';

/** Marks the data folder until the restore is complete, so that no service starts with an empty database instead. */
export async function markRestore(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, RESTORE_MARK);
  await writeFile(path, '', { mode: 0o600 });
  return () => rm(path, { force: true });
}

/** @throws ExplainedError if a restore into the data folder is not complete */
export async function checkRestoreMark(dataDir: string): Promise<void> {
  const path = join(dataDir, RESTORE_MARK);
  if ((await readIfPresent(path)) === undefined) return;
  throw new ExplainedError(
    `A restore into ${dataDir} has not finished. Run errand restore again; or delete ${path} to start with an empty database.`,
  );
}

/** Creates the folder if it is missing, and writes a test file. @throws ExplainedError if it is unusable */
export async function checkFolder(dataDir: string): Promise<void> {
  const probe = join(dataDir, `write-test.${randomUUID()}`);
  try {
    await createFolder(dataDir);
    await writeFile(probe, '0'.repeat(10_000), { mode: 0o600 });
  } catch (error) {
    throw folderFault(error, dataDir);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

/** Replaces `mkdir` with `recursive`, which never returns in folders such as /proc. */
async function createFolder(path: string): Promise<void> {
  const make = () => mkdir(path, 0o700);
  await make().catch(async (error) => {
    if (error.code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    await createFolder(dirname(path));
    await make();
  });
}

/** Explains why the data directory is unusable. Returns the same error if the directory is not the cause. */
export function folderFault(error: unknown, dataDir: string): unknown {
  const { code, message = '', path = dataDir, syscall } = error as NodeJS.ErrnoException;
  const explain = (cause: string, advice: string) => new ExplainedError(`${cause} ${advice}`, { cause: error });
  const elsewhere = 'or set ERRAND_DATA_DIR to another folder.';
  if (code === 'ENOSPC' || code === 'EDQUOT' || isDiskFull(message))
    return explain(`The disk of ${dataDir} is full.`, `Free space on it, ${elsewhere}`);
  if (code === 'EROFS')
    return explain(`The disk of ${dataDir} is read-only.`, 'Set ERRAND_DATA_DIR to another folder.');
  if (code === 'EACCES' || code === 'EPERM') {
    const action = isOfFolder(path, dataDir) ? `write to ${dataDir}` : `open ${path}`;
    return explain(`This user may not ${action}.`, `Give the folder to this user, ${elsewhere}`);
  }
  if (code === 'ENOENT' && syscall === 'mkdir')
    return explain(`The folder ${path} cannot be created.`, 'Set ERRAND_DATA_DIR to another folder.');
  if (code === 'ENOENT') return explain(`${path} is missing.`, `Restore ${dataDir} from a backup, ${elsewhere}`);
  if (code === 'EISDIR') return explain(`${path} is a folder, not a file.`, `Move it away, ${elsewhere}`);
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return explain(`${dataDir} cannot be a folder: a file has this path.`, `Move the file away, ${elsewhere}`);
  return error;
}

/** Whether a path is the data folder, a parent of it, or a file that each start creates. */
const isOfFolder = (path: string, dataDir: string): boolean =>
  dataDir.startsWith(path) || /^(?:write-test|\w+\.\d+)\./.test(basename(path));

/** Also matches the messages of Postgres. */
export const isDiskFull = (message: string): boolean =>
  /No space left on device|Disk quota exceeded|Check free disk space/i.test(message);

/** The files of Errand; other files in the folder stay unchanged. */
const ERRAND_FILES = /^(master-keys|dev\.json|demo\.json|\w+\.\d+\.\d+\.lock|server\.log(\.old)?|location|.*\.part)$/;

/** Each folder that Errand has used contains one of these. */
const USED = new Set(['master-keys', 'dev.json', 'postgres', 'backups', RESTORE_MARK]);

/**
 * Creates the data folder with mode 0700, and restricts the folder and its files (0600). If root owns the folder, the group of
 * the Postgres account may enter it (`enterableParent` of the embedded database).
 * @throws ExplainedError if others can write into the folder, it belongs to another user, or it has folders of other programs
 */
export async function makePrivate(dataDir: string): Promise<void> {
  await createFolder(dataDir);
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(dataDir);
  // All users share a sticky folder such as /tmp.
  if (mode & 0o1000) throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is shared with other users: ${REMEDY}`);
  const groupBit = process.getuid?.() === 0 ? 0o010 : 0;
  const entries = await readdir(dataDir, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  if (mode & 0o077 & ~groupBit) {
    // Such as /var/lib, which other programs could not open anymore.
    const isForeign = entries.some((entry) => entry.isDirectory() && entry.name !== 'lost+found');
    if (isForeign && !names.some((name) => USED.has(name)))
      throw new ExplainedError(
        `ERRAND_DATA_DIR (${dataDir}) has folders of other programs, which Errand would close to other users: ${REMEDY} Or set its mode to 0700.`,
      );
    await chmod(dataDir, 0o700).catch((cause) => {
      const others = `its mode is 0${(mode & 0o777).toString(8)} and it belongs to user ${uid}`;
      throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is open to others, ${others}: ${REMEDY}`, { cause });
    });
  }
  for (const name of names.filter((file) => ERRAND_FILES.test(file))) {
    const path = join(dataDir, name);
    const file = await lstat(path).catch(() => undefined); // it is being renamed
    if (file?.isFile() && file.mode & 0o077) await chmod(path, 0o600);
  }
}

const REMEDY = 'choose a separate folder, such as one inside it.';

export type DevFile = { url: string; apiKey: string; databaseUrl: string; tenantDatabaseUrl: string };

const devPath = (dataDir: string) => join(dataDir, 'dev.json');

export async function readDevFile(dataDir: string): Promise<Partial<DevFile>> {
  try {
    return JSON.parse((await readIfPresent(devPath(dataDir))) ?? '{}');
  } catch {
    return {};
  }
}

/** Writes the file atomically; only its owner can read it. */
export async function writeDevFile(dataDir: string, dev: DevFile): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const temporaryFile = `${devPath(dataDir)}.${process.pid}.part`;
  await writeFile(temporaryFile, `${JSON.stringify(dev, null, 2)}\n`, { mode: 0o600 });
  await rename(temporaryFile, devPath(dataDir));
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Node omits the path if the file is a folder.
    throw Object.assign(error as Error, { path });
  }
}
