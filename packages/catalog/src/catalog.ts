import type { CatalogEntry } from '@errand/contracts';
import type { Catalog } from '@errand/ports/catalog';
import { readFolder, readPacked } from './read-entries.ts';
import { searchEntries } from './search.ts';
import { similar } from './similar.ts';

export type CatalogOptions = {
  /** A folder with entries of the operator: JSON files. An entry replaces the packed one with its id. */
  folder?: string | undefined;
};

/** Reads the catalogue on the first request. @throws if an entry of the folder is invalid */
export function openCatalog({ folder }: CatalogOptions = {}): Catalog {
  let reading: Promise<ReadonlyMap<string, CatalogEntry>> | undefined;
  const entries = () => {
    reading ??= readAll(folder);
    return reading;
  };
  return {
    search: async (text) => searchEntries([...(await entries()).values()], text ?? ''),
    get: async (id) => (await entries()).get(id),
    similarIds: async (id) => similar(id, [...(await entries()).values()]),
  };
}

async function readAll(folder: string | undefined): Promise<ReadonlyMap<string, CatalogEntry>> {
  const own = folder === undefined ? [] : await readFolder(folder);
  return new Map([...(await readPacked()), ...own].map((entry) => [entry.id, entry]));
}
