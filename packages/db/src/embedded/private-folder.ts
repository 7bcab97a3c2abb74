import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { makeFolder } from './data-dir.ts';

/** The files of Errand in its folder; other files are not changed. */
const ours = /^(master-keys|dev\.json|demo\.json|\w+\.\d+\.\d+\.lock|server\.log(\.old)?|location|.*\.part)$/;

/**
 * Creates the data folder with mode 0700 and its files with 0600, and corrects wider modes. A folder of root may let the group of
 * the account that runs Postgres enter (`passage` of the embedded database).
 * @throws Error that tells the operator what to do, when others can write into the folder, or it belongs to another user
 */
export async function makePrivate(dataDir: string): Promise<void> {
  await makeFolder(dataDir);
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(dataDir);
  // A sticky folder, such as /tmp, belongs to everybody.
  if (mode & 0o1000)
    throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is a folder that others use, too: ${INSTEAD}`);
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

const INSTEAD = 'give a folder of its own, such as one inside it.';
