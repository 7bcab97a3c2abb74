import { randomUUID } from 'node:crypto';
import { constants, createWriteStream, rmSync } from 'node:fs';
import { access, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExplainedError } from '@errand/basics/explained-error';

/**
 * Writes a new file that only its owner can read. It has its name only once it is whole and on the disk; until then the name ends in
 * `.part`.
 * @throws ExplainedError if there is a file with this name, or the folder cannot be written to
 */
export async function writeNewFile(path: string, content: Readable): Promise<void> {
  if (await exists(path)) throw alreadyExists(path);
  const part = `${path}.${randomUUID().slice(0, 8)}.part`;
  const removePart = () => rmSync(part, { force: true });
  process.once('exit', removePart);
  try {
    await pipeline(content, createWriteStream(part, { flags: 'wx', mode: 0o600 }));
    await sync(part);
    // Fails if another process was faster.
    await link(part, path);
    await sync(dirname(path)).catch(() => {}); // not on Windows
  } catch (error) {
    throw explain(error, path);
  } finally {
    await rm(part, { force: true });
    process.off('exit', removePart);
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  );

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const alreadyExists = (path: string) => new ExplainedError(`There is a file ${path} already. Choose another name.`);

function explain(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const because = (cause: string, advice: string) => new ExplainedError(`${cause} ${advice}`, { cause: error });
  if (code === 'EEXIST') return alreadyExists(path);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return because(`The disk of ${dirname(path)} is full.`, 'Free space on it, or write the backup to another disk.');
  if (code === 'ENOENT' && syscall === 'open')
    return because(`There is no folder ${dirname(path)}.`, 'Create it, or choose another one.');
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return because(`This user may not write to ${dirname(path)}.`, 'Choose another folder.');
  return error;
}
