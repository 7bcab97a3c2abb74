import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { makeFolder } from './data-dir.ts';

/** What Errand itself puts into its folder; whatever else lies there is not ours to change. */
const ours = /^(master-keys|dev\.json|demo\.json|\w+\.\d+\.\d+\.lock|server\.log(\.old)?|location|.*\.part)$/;

/**
 * Makes the data folder, and sees to it that nobody else reads in it: 0700, its files 0600, also where it was made with wider modes.
 * Root's folder may let a group pass through, and no more: that of the account which runs Postgres (`passage` of the embedded one).
 * @throws with what to do when others write into the folder, or it is not ours to change
 */
export async function makePrivate(dataDir: string): Promise<void> {
  await makeFolder(dataDir);
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(dataDir);
  // A sticky folder, such as /tmp, is everybody's.
  if (mode & 0o1000)
    throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is a folder that others use, too: ${INSTEAD}`);
  const passage = process.getuid?.() === 0 ? 0o010 : 0;
  if (mode & 0o077 & ~passage) {
    await chmod(dataDir, 0o700).catch((cause) => {
      const others = `its mode is 0${(mode & 0o777).toString(8)} and it belongs to user ${uid}`;
      throw new ExplainedError(`ERRAND_DATA_DIR (${dataDir}) is open to others, ${others}: ${INSTEAD}`, { cause });
    });
  }
  for (const name of (await readdir(dataDir)).filter((one) => ours.test(one))) {
    const path = join(dataDir, name);
    const file = await lstat(path).catch(() => undefined); // one that is just being renamed
    if (file?.isFile() && file.mode & 0o077) await chmod(path, 0o600);
  }
}

const INSTEAD = 'give a folder of its own, such as one inside it.';
