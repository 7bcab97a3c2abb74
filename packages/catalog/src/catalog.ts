import type { CatalogEntry } from '@errand/contracts';
import type { Catalog } from '@errand/ports/catalog';
import { readFolder, readPacked } from './read-entries.ts';
import { createSearch } from './search.ts';
import { similar } from './similar.ts';

export type CatalogOptions = {
  /** A folder with entries of the operator: JSON files. An entry replaces the packed one with its id. */
  folder?: string | undefined;
};

/** Reads the catalogue on the first request. @throws if an entry of the folder is invalid */
export function openCatalog({ folder }: CatalogOptions = {}): Catalog {
  let reading: Promise<Entries> | undefined;
  const entries = () => {
    reading ??= readAll(folder).catch((error) => {
      // The next request reads again: the operator may have corrected the fault.
      reading = undefined;
      throw error;
    });
    return reading;
  };
  return {
    search: async (text) => (await entries()).search(text ?? ''),
    get: async (id) => (await entries()).byId.get(id),
    similarIds: async (id) => similar(id, [...(await entries()).byId.values()]),
  };
}

type Entries = { byId: ReadonlyMap<string, CatalogEntry>; search: (text: string) => CatalogEntry[] };

async function readAll(folder: string | undefined): Promise<Entries> {
  const own = folder === undefined ? [] : await readFolder(folder);
  const byId = new Map([...(await readPacked()), ...own].map((entry) => [entry.id, entry]));
  return { byId, search: createSearch([...byId.values()]) };
}
