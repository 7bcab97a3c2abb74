import { basename } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';

/** Explains why the data directory is unusable. Returns the same error if the directory is not the cause. */
export function folderFault(error: unknown, dataDir: string): unknown {
  const { code, message = '', path = dataDir, syscall } = error as NodeJS.ErrnoException;
  const say = (cause: string, advice: string) => new ExplainedError(`${cause} ${advice}`, { cause: error });
  const elsewhere = 'or set ERRAND_DATA_DIR to another folder.';
  if (code === 'ENOSPC' || code === 'EDQUOT' || isDiskFull(message))
    return say(`The disk of ${dataDir} is full.`, `Free space on it, ${elsewhere}`);
  if (code === 'EROFS') return say(`The disk of ${dataDir} is read-only.`, 'Set ERRAND_DATA_DIR to another folder.');
  if (code === 'EACCES' || code === 'EPERM') {
    const action = isOfFolder(path, dataDir) ? `write to ${dataDir}` : `open ${path}`;
    return say(`This user may not ${action}.`, `Give the folder to this user, ${elsewhere}`);
  }
  if (code === 'ENOENT' && syscall === 'mkdir')
    return say(`The folder ${path} cannot be created.`, 'Set ERRAND_DATA_DIR to another folder.');
  if (code === 'ENOENT') return say(`${path} is missing.`, `Restore ${dataDir} from a backup, ${elsewhere}`);
  if (code === 'EISDIR') return say(`${path} is a folder, not a file.`, `Move it away, ${elsewhere}`);
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return say(`${dataDir} cannot be a folder: a file has this path.`, `Move the file away, ${elsewhere}`);
  return error;
}

/** Whether a path is the data folder, a parent of it, or a file that each start creates. */
const isOfFolder = (path: string, dataDir: string): boolean =>
  dataDir.startsWith(path) || /^(?:write-test|\w+\.\d+)\./.test(basename(path));

/** Also matches the messages of Postgres. */
export const isDiskFull = (message: string): boolean =>
  /No space left on device|Disk quota exceeded|Check free disk space/i.test(message);
