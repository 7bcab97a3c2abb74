import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ExplainedError } from '@errand/basics/explained-error';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { KEYS_NAME, MANIFEST_NAME, type Manifest, parseManifest } from './manifest.ts';
import type { SealedKeys } from './sealed-keys.ts';
import { entryName } from './write-backup.ts';

/** Limits for a file of a stranger. */
const MAX_ENTRIES = 10_000;
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

/** An open backup, whose table of contents and manifest are whole. */
export type OpenBackup = {
  file: string;
  manifest: Manifest;
  sealedKeys: SealedKeys | undefined;
  /** The rows of a table. @throws ExplainedError if the file lacks them */
  openTable: (name: string) => Promise<Readable>;
  close: () => void;
};

/** @throws ExplainedError if the file is missing, no backup, incomplete, or of a later format */
export async function openBackup(file: string): Promise<OpenBackup> {
  const zip = await openPromise(file, { autoClose: false }).catch((error) => Promise.reject(explain(error, file)));
  try {
    const entries = await readEntries(zip, file);
    const read = async (name: string): Promise<string | undefined> => {
      const entry = entries.get(name);
      if (!entry) return undefined;
      if (entry.uncompressedSize > MAX_MANIFEST_BYTES) throw damaged(file);
      return text(await zip.openReadStreamPromise(entry));
    };
    const manifestText = await read(MANIFEST_NAME);
    if (manifestText === undefined) throw new ExplainedError(`${file} is not a backup of Errand. Choose another file.`);
    const manifest = parseManifest(manifestText, file);
    const keysText = await read(KEYS_NAME);
    const openTable = async (name: string) => {
      const entry = entries.get(entryName(name));
      if (!entry) throw damaged(file);
      return zip.openReadStreamPromise(entry);
    };
    const sealedKeys = keysText === undefined ? undefined : (JSON.parse(keysText) as SealedKeys);
    return { file, manifest, sealedKeys, openTable, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error instanceof ExplainedError ? error : damaged(file, error);
  }
}

async function readEntries(zip: ZipFile, file: string): Promise<Map<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) throw damaged(file);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  return entries;
}

/** The file differs from the one that was written. */
export const damaged = (file: string, cause?: unknown): ExplainedError =>
  new ExplainedError(`${file} is damaged: its content does not fit its manifest. Use another backup.`, { cause });

function explain(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const because = (reason: string) => new ExplainedError(reason, { cause: error });
  if (code === 'ENOENT') return because(`There is no file ${file}. Check the path.`);
  if (code === 'EISDIR') return because(`${file} is a folder, not a backup. Choose a file.`);
  if (code === 'EACCES' || code === 'EPERM')
    return because(`This user may not read ${file}. Change its owner, or use another user.`);
  if (code !== undefined) return error;
  // The table of contents is at the end of the file.
  return because(
    `${file} is no whole backup: it has no table of contents, because it was cut off or is another file. Use another backup.`,
  );
}
