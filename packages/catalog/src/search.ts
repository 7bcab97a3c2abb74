import type { CatalogEntry } from '@errand/contracts';

/** Points of a word, by the part of the entry in which it occurs. */
const POINTS = { id: 16, name: 16, beginsName: 8, word: 4, category: 3, description: 1 };

const IGNORED = new Set(['a', 'an', 'and', 'for', 'from', 'in', 'of', 'on', 'the', 'to', 'with']);

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
/** A plural counts as its singular: `ticket` finds `tickets`. */
const stem = (word: string): string => (word.length > 3 ? word.replace(/s$/, '') : word);
const hasWord = (text: string, word: string): boolean => wordsOf(text).some((other) => stem(other) === stem(word));
const hasPart = (text: string, word: string): boolean => wordsOf(text).some((other) => other.startsWith(stem(word)));

function pointsOf(entry: CatalogEntry, word: string): number {
  return (
    (entry.id === word ? POINTS.id : 0) +
    (hasWord(entry.name, word) ? POINTS.name : hasPart(entry.name, word) ? POINTS.beginsName : 0) +
    (entry.words.some((text) => hasPart(text, word)) ? POINTS.word : 0) +
    (hasWord(entry.category, word) ? POINTS.category : 0) +
    (hasPart(entry.description, word) ? POINTS.description : 0)
  );
}

const byName = (a: CatalogEntry, b: CatalogEntry): number =>
  a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1);

/** The entries that have every word, the best first; without words all of them, by name. */
export function searchEntries(entries: readonly CatalogEntry[], text: string): CatalogEntry[] {
  const words = [...new Set(wordsOf(text))].filter((word) => !IGNORED.has(word));
  if (words.length === 0) return text.trim() === '' ? [...entries].sort(byName) : [];
  return entries
    .map((entry) => ({ entry, points: words.map((word) => pointsOf(entry, word)) }))
    .filter(({ points }) => points.every((count) => count > 0))
    .sort((a, b) => sum(b.points) - sum(a.points) || byName(a.entry, b.entry))
    .map(({ entry }) => entry);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
