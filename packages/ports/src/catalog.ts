import type { CatalogEntry } from '@errand/contracts';

/** The services that an owner connects by their name. */
export interface Catalog {
  /** @returns the entries that have every word of the text, the best matches first; without a text all entries by name */
  search(text?: string): Promise<readonly CatalogEntry[]>;
  get(id: string): Promise<CatalogEntry | undefined>;
  /** @returns at most three ids that resemble the id */
  similarIds(id: string): Promise<readonly string[]>;
}
