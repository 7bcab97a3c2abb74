import type { CatalogEntry } from '@errand/contracts';

/** Points of a word, by the part of the entry in which it occurs. */
const POINTS = { id: 16, name: 16, beginsName: 8, word: 4, category: 3, description: 1 };

const IGNORED = new Set(['a', 'an', 'and', 'for', 'from', 'in', 'of', 'on', 'the', 'to', 'with']);

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
/** A plural counts as its singular: `ticket` finds `tickets`. */
const stem = (word: string): string => (word.length > 3 ? word.replace(/s$/, '') : word);

/** The stems of the words in the parts of an entry. */
type IndexedEntry = { entry: CatalogEntry } & Record<'name' | 'words' | 'category' | 'description', readonly string[]>;

const stemsOf = (...texts: readonly string[]): string[] => texts.flatMap(wordsOf).map(stem);

const indexed = (entry: CatalogEntry): IndexedEntry => ({
  entry,
  name: stemsOf(entry.name),
  words: stemsOf(...entry.words),
  category: stemsOf(entry.category),
  description: stemsOf(entry.description),
});

const hasPart = (words: readonly string[], beginning: string): boolean =>
  words.some((word) => word.startsWith(beginning));

function pointsOf({ entry, name, words, category, description }: IndexedEntry, word: string): number {
  const stemmed = stem(word);
  return (
    (entry.id === word ? POINTS.id : 0) +
    (name.includes(stemmed) ? POINTS.name : hasPart(name, stemmed) ? POINTS.beginsName : 0) +
    (hasPart(words, stemmed) ? POINTS.word : 0) +
    (category.includes(stemmed) ? POINTS.category : 0) +
    (hasPart(description, stemmed) ? POINTS.description : 0)
  );
}

const byName = (a: CatalogEntry, b: CatalogEntry): number =>
  a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1);

/** A search for entries that have every word, the best first; without words for all of them, by name. Their texts are read once. */
export function createSearch(entries: readonly CatalogEntry[]): (text: string) => CatalogEntry[] {
  const all = [...entries].sort(byName);
  const index = all.map(indexed);
  return (text) => {
    const words = [...new Set(wordsOf(text))].filter((word) => !IGNORED.has(word));
    if (words.length === 0) return text.trim() === '' ? all : [];
    return index
      .map((each) => ({ entry: each.entry, points: words.map((word) => pointsOf(each, word)) }))
      .filter(({ points }) => points.every((count) => count > 0))
      .sort((a, b) => sum(b.points) - sum(a.points) || byName(a.entry, b.entry))
      .map(({ entry }) => entry);
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
