import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { readPending } from '@errand/db';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';

type Urls = { url: string; ownerUrl?: string };
/** Only the embedded server has a pid. */
type MigratedServer = Urls & { fastestUrls?: Urls; pid?: number };

/** Free space must be this many times the size of the database: for the backup, and for the rows that migrations write again. */
const FREE_SPACE = 2;
/** Automatic backups that are kept; a new one replaces the oldest. */
const KEPT_BACKUPS = 3;
const MIB = 2 ** 20;
const NAME = /^before-upgrade-.*\.zip(\.\w+\.part)?$/;

/**
 * Makes a backup of the embedded database before it is migrated. For a Postgres of the operator it only recommends one.
 * @param freeBytes of the disk of a folder
 * @returns the file
 * @throws ExplainedError if the disk may not have enough space, or this version does not know the database, with the ways out
 */
export async function backUpFirst(
  config: Pick<Config, 'dataDir' | 'withoutBackup'> & Partial<Pick<Config, 'acceptedMigration'>>,
  server: MigratedServer,
  log: Pick<Logger, 'info' | 'warn'>,
  freeBytes = freeBytesOf,
): Promise<string | undefined> {
  const { fastestUrls = server } = server;
  const isEmbedded = server.pid !== undefined;
  const { pending, isNew, bytes } = await readPending(fastestUrls.ownerUrl ?? server.url, config.acceptedMigration);
  if (isNew || pending.length === 0 || config.withoutBackup) return undefined;
  if (!isEmbedded) {
    if (fastestUrls.ownerUrl)
      log.warn({ pending }, 'this version changes the tables; have a backup of the database, such as by errand backup');
    return undefined;
  }
  const folder = join(config.dataDir, 'backups');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const free = await freeBytes(folder);
  if (free < FREE_SPACE * bytes) throw noSpace(config.dataDir, free, bytes);
  log.info({ pending, mib: Math.ceil(bytes / MIB) }, 'backing up the database before it is changed');
  const { writeBackup } = await import('@errand/db/backup');
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  const { file } = await writeBackup({ url: fastestUrls.url, file: join(folder, `before-upgrade-${time}.zip`) });
  log.info({ file }, 'the database is backed up; errand restore takes this file to go back');
  await removeOldest(folder);
  return file;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name));
  const whole = names.filter((name) => name.endsWith('.zip')).sort();
  const removed = [...whole.slice(0, -KEPT_BACKUPS), ...names.filter((name) => name.endsWith('.part'))];
  for (const name of removed) await rm(join(folder, name), { force: true });
}

function noSpace(dataDir: string, free: number, bytes: number): ExplainedError {
  const mib = (count: number) => `${Math.ceil(count / MIB)} MiB`;
  return new ExplainedError(
    `This version changes the database in ${dataDir} (${mib(bytes)}) and backs it up first, and its disk has only ${mib(free)} free. ` +
      `Free space until ${mib(FREE_SPACE * bytes)} are free; or write a backup to another disk with errand backup, and start with --without-backup.`,
  );
}
