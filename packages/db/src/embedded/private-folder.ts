import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { makeFolder } from './data-dir.ts';

/** The files of Errand; other files in the folder stay unchanged. */
const ours = /^(master-keys|dev\.json|demo\.json|\w+\.\d+\.\d+\.lock|server\.log(\.old)?|location|.*\.part)$/;

/**
 * Creates the data folder with mode 0700, and restricts the folder and its files (0600). If root owns the folder, the group of
 * the Postgres account may enter it (`passage` of the embedded database).
 * @throws ExplainedError if others can write into the folder, or it belongs to another user
 */
export async function makePrivate(dataDir: string): Promise<void> {
  await makeFolder(dataDir);
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(dataDir);
  // All users share a sticky folder such as /tmp.
  if (mode & 0o1000) throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is shared with other users: ${INSTEAD}`);
  const passage = process.getuid?.() === 0 ? 0o010 : 0;
  if (mode & 0o077 & ~passage) {
    await chmod(dataDir, 0o700).catch((cause) => {
      const others = `its mode is 0${(mode & 0o777).toString(8)} and it belongs to user ${uid}`;
      throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is open to others, ${others}: ${INSTEAD}`, { cause });
    });
  }
  for (const name of (await readdir(dataDir)).filter((file) => ours.test(file))) {
    const path = join(dataDir, name);
    const file = await lstat(path).catch(() => undefined); // it is being renamed
    if (file?.isFile() && file.mode & 0o077) await chmod(path, 0o600);
  }
}

const INSTEAD = 'choose a separate folder, such as one inside it.';
