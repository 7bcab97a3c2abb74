import type { ToolIndex } from './tool-index.ts';

const K1 = 1.2;
const B = 0.75;
/** Weight of an operation that finds ids which others need, relative to the best match. */
const ENTRY_WEIGHT = 0.5;
/** Number of best matches from which the needed ids are read. */
const NEEDING = 10;
const EPSILON = 1e-9;

export type Hit = { index: number; document: number; score: number };

/**
 * Ranks the documents of several indexes by BM25, as if all were in one index: rare words count more, and so do short documents. Operations
 * that find the ids needed by the best matches follow them, because a plan needs both.
 * @param fits which documents count as hits
 */
export function rank(
  indexes: readonly ToolIndex[],
  words: readonly string[],
  limit: number,
  fits: (index: number, document: number) => boolean = () => true,
): Hit[] {
  const totals = scores(indexes, new Map(words.map((word) => [word, 1])));
  const best = top(totals, Math.max(limit, NEEDING), fits);
  const needed = neededBy(indexes, best.slice(0, NEEDING));
  if (needed.size === 0) return best.slice(0, limit);
  addEntries(totals, indexes, { needed, most: best[0]?.score ?? 0 });
  return top(totals, limit, fits);
}

/** The words of the ids that some hits need, weighted by the share of the best hit's score. */
function neededBy(indexes: readonly ToolIndex[], hits: readonly Hit[]): Map<string, number> {
  const most = hits[0]?.score ?? 0;
  const needed = new Map<string, number>();
  for (const { index, document, score } of hits)
    for (const word of indexes[index]!.needs[document]!)
      needed.set(word, Math.max(needed.get(word) ?? 0, score / most));
  return needed;
}

type Needs = { needed: ReadonlyMap<string, number>; most: number };

/** Adds scores to the operations that find needed ids. The best of them gets a share of the best hit's score. */
function addEntries(totals: readonly Float64Array[], indexes: readonly ToolIndex[], { needed, most }: Needs): void {
  const finding = scores(indexes, needed);
  const entries = indexes.flatMap(({ isEntry }, index) =>
    [...isEntry.keys()].flatMap((document) => (isEntry[document] ? [{ index, document }] : [])),
  );
  let mostFinding = EPSILON;
  for (const { index, document } of entries) mostFinding = Math.max(mostFinding, finding[index]![document]!);
  const share = (ENTRY_WEIGHT * most) / mostFinding;
  for (const { index, document } of entries) totals[index]![document]! += share * finding[index]![document]!;
}

/** The score of each document of each index for weighted words. */
function scores(indexes: readonly ToolIndex[], words: ReadonlyMap<string, number>): Float64Array[] {
  const all = indexes.map(({ size }) => new Float64Array(size));
  const count = indexes.reduce((sum, { size }) => sum + size, 0);
  const average = indexes.reduce((sum, { totalLength }) => sum + totalLength, 0) / Math.max(1, count);
  for (const [word, weight] of words) {
    const lists = indexes.map(({ postings }) => postings.get(word));
    const having = lists.reduce((sum, list) => sum + (list?.documents.length ?? 0), 0);
    const rarity = weight * Math.log(1 + (count - having + 0.5) / (having + 0.5));
    for (const [at, list] of lists.entries()) {
      if (!list) continue;
      const { lengths } = indexes[at]!;
      const score = all[at]!;
      for (const [i, document] of list.documents.entries()) {
        const times = list.counts[i]!;
        score[document]! += (rarity * times * (K1 + 1)) / (times + K1 * (1 - B + (B * lengths[document]!) / average));
      }
    }
  }
  return all;
}

/** The best documents with any score, best first; of equal ones the first. */
function top(all: readonly Float64Array[], limit: number, fits: (index: number, document: number) => boolean): Hit[] {
  const best: Hit[] = [];
  for (const [index, scored] of all.entries()) {
    for (let document = 0; document < scored.length; document++) {
      const score = scored[document]!;
      if (score > (best.length < limit ? 0 : best.at(-1)!.score) && fits(index, document))
        insert(best, { index, document, score }, limit);
    }
  }
  return best;
}

function insert(best: Hit[], hit: Hit, limit: number): void {
  let at = best.length;
  while (at > 0 && best[at - 1]!.score < hit.score) at--;
  best.splice(at, 0, hit);
  if (best.length > limit) best.pop();
}
