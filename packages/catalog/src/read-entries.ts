import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ExplainedError } from '@errand/basics/explained-error';
import { CatalogEntry } from '@errand/contracts';
import { entryFaults } from './entry-faults.ts';

/** The packed entries, made by scripts/pack.mjs at the build. */
const PACKED = new URL('../dist/catalog.json.gz', import.meta.url);
const MAX_FILES = 1000;
const unzip = promisify(gunzip);

/** The packed entries. The build has checked them. */
export async function readPacked(): Promise<CatalogEntry[]> {
  return parseEntries(JSON.parse(String(await unzip(await readFile(PACKED)))) as unknown[]);
}

/** Adds the defaults of the schema. @throws ZodError */
const parseEntries = (entries: readonly unknown[]): CatalogEntry[] => entries.map((entry) => CatalogEntry.parse(entry));

/** The entries of a folder of the operator. @throws ExplainedError that names the file and its faults */
export async function readFolder(folder: string): Promise<CatalogEntry[]> {
  const files = await readdir(folder).catch((cause) => {
    throw new ExplainedError(`The folder ${folder} of ERRAND_CATALOG_DIR cannot be read.`, { cause });
  });
  const names = files.filter((name) => name.endsWith('.json')).sort();
  if (names.length > MAX_FILES)
    throw new ExplainedError(`${folder} has more than ${MAX_FILES} entries of the catalogue.`);
  const entries: CatalogEntry[] = [];
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8');
    const faults = entryFaults({ name, text }, { isOwn: true });
    if (faults.length > 0)
      throw new ExplainedError(`The entry ${join(folder, name)} of the catalogue is invalid. ${faults.join(' ')}`);
    entries.push(CatalogEntry.parse(JSON.parse(text)));
  }
  return entries;
}
