import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Claims a data directory for this process: two servers must not share one embedded database and its keys.
 * @returns gives it back
 * @throws when a living process holds it
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, 'server.pid');
  await mkdir(dataDir, { recursive: true });
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(await nameOf(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readFile(path, 'utf8').catch(() => '');
    const pid = Number(holder.split(' ', 1)[0]);
    if (pid > 0 && holder === (await nameOf(pid)) && isAlive(pid)) {
      throw new Error(`Errand is already running from ${dataDir} (process ${pid}): stop it, or set ERRAND_DATA_DIR.`);
    }
    await rm(path, { force: true });
  }
}

/** A process id and, where the system tells it, when that process began: ids come again after a crash. */
async function nameOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): field 22 is the start time; the command in field 2 may hold spaces and parentheses
  const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${began}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
