import type { ToolSpec } from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import { rank } from './bm25.ts';
import { ToolIndex } from './tool-index.ts';
import { searchWords } from './words.ts';

export type RankedTool = { tool: ToolSpec; score: number };

const INDEX_BYTES = 48 * 1024 * 1024;
const MAX_TEXT = 20_000;
const MAX_WORDS = 150;

/** Indexes by their list: the tools of one integration, in one version. */
const indexes = new LRUCache<readonly ToolSpec[], ToolIndex>({
  maxSize: INDEX_BYTES,
  sizeCalculation: ({ bytes }) => bytes,
});
const setsOf = new WeakMap<readonly ToolSpec[], readonly (readonly ToolSpec[])[]>();

/** Joins lists of tools. A search of the result uses the index of each list, so each is indexed once. */
export function joinTools(sets: readonly (readonly ToolSpec[])[]): readonly ToolSpec[] {
  const joined = sets.flat();
  setsOf.set(joined, sets);
  return joined;
}

/** Frees the index of a list that is no longer used. */
export const forgetTools = (set: readonly ToolSpec[]): void => void indexes.delete(set);

/** The tools that match a text, best first. The first search of a list indexes it, so the list must not change afterwards. */
export function searchTools(
  tools: readonly ToolSpec[],
  text: string,
  limit: number,
  fits?: (tool: ToolSpec) => boolean,
): RankedTool[] {
  const sets = setsOf.get(tools) ?? [tools];
  // The intent comes first; a long context repeats itself.
  const words = [...new Set(searchWords(text.slice(0, MAX_TEXT)))].slice(0, MAX_WORDS);
  const hits = rank(sets.map(indexOf), words, limit, fits && ((index, at) => fits(sets[index]![at]!)));
  return hits.map(({ index, document, score }) => ({ tool: sets[index]![document]!, score }));
}

/** Indexes a list ahead of its first search. */
export const indexTools = (tools: readonly ToolSpec[]): void => {
  for (const set of setsOf.get(tools) ?? [tools]) indexOf(set);
};

function indexOf(set: readonly ToolSpec[]): ToolIndex {
  const cached = indexes.get(set);
  if (cached) return cached;
  const index = new ToolIndex(set);
  indexes.set(set, index);
  return index;
}
