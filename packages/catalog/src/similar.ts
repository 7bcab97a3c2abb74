import { editDistance } from '@errand/basics/edit-distance';
import type { CatalogEntry } from '@errand/contracts';

const MAX_SIMILAR = 3;
/** Further ids are too different. */
const MAX_EDITS = 2;

/** Ids within two edits of the id, or with a common part. */
export function similar(id: string, entries: readonly CatalogEntry[]): string[] {
  const asked = id.toLowerCase().slice(0, 60);
  return entries
    .map((entry) => ({ id: entry.id, distance: distanceOf(asked, entry) }))
    .filter(({ distance }) => distance <= MAX_EDITS)
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_SIMILAR)
    .map((candidate) => candidate.id);
}

const hasCommonPart = (a: string, b: string): boolean =>
  a.length > 2 && b.length > 2 && (a.includes(b) || b.includes(a) || b.split('-').includes(a));

function distanceOf(asked: string, { id, name }: CatalogEntry): number {
  const other = name.toLowerCase();
  const edits = Math.min(editDistance(asked, id), editDistance(asked, other));
  return hasCommonPart(asked, id) || hasCommonPart(asked, other) ? Math.min(edits, 1) : edits;
}
