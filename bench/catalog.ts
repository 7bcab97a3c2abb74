import { openCatalog } from '@errand/catalog';
import { type CatalogEntry, pickedOperations } from '@errand/contracts';
import type { Figures, Scenario } from './figures.ts';
import { type OperationLists, readOperationLists } from './operation-lists.ts';

export const catalogOperations: Scenario = {
  name: 'catalog',
  goal: { missing: '0', unverifiedMissing: 'the entry names its tools in unverified' },
};

/** One line of the output: an entry, and the operations that its documents do not have. */
type EntryLine = {
  entry: string;
  found: number;
  of: number;
  missing?: string[];
  unverified?: true;
  notListed?: number;
};

/**
 * Whether the recommended operations of the catalogue exist in the documents of the services.
 * @param print writes a line for each entry
 * @throws Error if operations are missing of an entry that does not name its tools in `unverified`
 */
export async function measureCatalog(file: string | undefined, print: (line: object) => void): Promise<Figures> {
  const lists = readOperationLists(file);
  const lines = (await openCatalog().search()).map((entry) => compare(entry, lists));
  for (const line of lines) print(line);
  const missing = (chosen: readonly EntryLine[]) => chosen.flatMap((line) => line.missing ?? []).length;
  const faults = lines.filter((line) => line.missing && !line.unverified);
  if (faults.length > 0) throw new Error(`Operations are missing: ${faults.map(({ entry }) => entry).join(', ')}.`);
  return {
    entries: lines.length,
    found: lines.reduce((sum, { found }) => sum + found, 0),
    missing: missing(faults),
    unverifiedMissing: missing(lines) - missing(faults),
    notListed: lines.reduce((sum, { notListed = 0 }) => sum + notListed, 0),
  };
}

function compare(entry: CatalogEntry, { documents }: OperationLists): EntryLine {
  const firstWords = new Set([...entry.id.split('-'), ...entry.name.toLowerCase().split(' ')]);
  const lists = Object.entries(documents).filter(([name]) => firstWords.has(name.split(' ')[0]!));
  const sets = lists.map(([, list]) => new Set(list.flatMap(([method, path, id]) => [`${method} ${path}`, id ?? ''])));
  const line: EntryLine = { entry: entry.id, found: 0, of: 0 };
  const missing: string[] = [];
  let notListed = 0;
  for (const source of entry.sources) {
    if (source.kind !== 'openapi' || source.document) continue;
    const picked = pickedOperations(source);
    line.of += picked.length;
    const missingOf = (set: ReadonlySet<string>) => picked.filter((operation) => !set.has(operation));
    const best = sets.map(missingOf).sort((a, b) => a.length - b.length)[0];
    if (!best || best.length === picked.length) notListed += picked.length;
    else {
      line.found += picked.length - best.length;
      missing.push(...best);
    }
  }
  return {
    ...line,
    ...(missing.length > 0 && { missing }),
    ...(missing.length > 0 && entry.unverified.includes('tools') && { unverified: true as const }),
    ...(notListed > 0 && { notListed }),
  };
}
