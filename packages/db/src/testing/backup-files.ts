// Changes backups, as damage or an attacker would.
import { createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** All entries of a backup by their names. */
export async function entriesOf(file: string): Promise<Map<string, Buffer>> {
  const zip = await openPromise(file, { autoClose: false });
  const entries = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry())
    entries.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  zip.close();
  return entries;
}

/** Writes a copy of a backup in which one entry differs. */
export async function changedCopy(file: string, copy: string, name: string, change: (text: string) => string) {
  const zip = new ZipFile();
  for (const [entry, content] of await entriesOf(file))
    zip.addBuffer(entry === name ? Buffer.from(change(content.toString())) : content, entry);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(copy));
}
