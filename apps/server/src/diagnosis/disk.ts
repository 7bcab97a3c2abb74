import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkFolder } from '@errand/db/embedded';
import { toStartErrorText } from '../start/explain.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const MIB = 2 ** 20;
/** Free space below which a disk counts as full, in bytes. */
const MIN_FREE = 256 * MIB;
/** The log of the embedded Postgres grows to about this size, in bytes. */
const LOG_BYTES = 2048 * MIB;

type FreeSpace = (folder: string) => Promise<number>;

const freeSpaceOf: FreeSpace = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Checks that the data folder is writable, if it exists, and the free space of its disk. @param isEmbedded whether Postgres writes there */
export async function diskFinding(dataDir: string, isEmbedded: boolean, freeSpace = freeSpaceOf): Promise<Finding> {
  const { folder, bytes } = await leastSpace(dataDir, isEmbedded, freeSpace);
  const text = `${sizeText(bytes)} are free on the disk of ${folder}.`;
  const remedy = 'Free space on it, or set ERRAND_DATA_DIR to another folder.';
  if (bytes < MIN_FREE) return failed('disk', `Only ${text}`, remedy);
  if (existsSync(dataDir)) {
    const fault = await checkFolder(dataDir).then(() => undefined, toStartErrorText);
    if (fault !== undefined) return failed('disk', fault);
  }
  if (isEmbedded && bytes < LOG_BYTES)
    return warning('disk', `${text} The log of Postgres may need ${sizeText(LOG_BYTES)}.`, remedy);
  return ok('disk', text);
}

async function leastSpace(dataDir: string, isEmbedded: boolean, freeSpace: FreeSpace) {
  const folders = [existingPart(dataDir), ...(isEmbedded ? relocatedFolder(dataDir) : [])];
  const spaces = await Promise.all(folders.map(async (folder) => ({ folder, bytes: await freeSpace(folder) })));
  return spaces.reduce((least, each) => (each.bytes < least.bytes ? each : least));
}

/** The free space of the disk of the data folder, in bytes. */
export const freeBytesOf = async (dataDir: string, isEmbedded: boolean): Promise<number> =>
  (await leastSpace(dataDir, isEmbedded, freeSpaceOf)).bytes;

const sizeText = (bytes: number): string =>
  bytes < 1024 * MIB ? `${Math.floor(bytes / MIB)} MiB` : `${Math.floor(bytes / MIB / 1024)} GiB`;

function existingPart(folder: string): string {
  let part = folder;
  while (!existsSync(part) && dirname(part) !== part) part = dirname(part);
  return part;
}

/** Where the embedded Postgres has its data if its account cannot enter the data folder. */
function relocatedFolder(dataDir: string): string[] {
  const file = join(dataDir, 'postgres', 'location');
  if (!existsSync(file)) return [];
  return [existingPart(readFileSync(file, 'utf8').trim())];
}
