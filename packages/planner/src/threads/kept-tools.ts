import type { ToolSpec } from '@errand/contracts';
import { LRUCache } from 'lru-cache';
import { forgetTools, joinTools } from '../search/search-tools.ts';

/** The tool lists of a thread. The same sets always give the same list, so that it is indexed once. */
export class KeptTools {
  readonly #sets = new Map<string, ToolSpec[]>();
  // Joined lists. Each has a separate index, and few selections recur.
  readonly #lists = new LRUCache<string, readonly ToolSpec[]>({ max: 8 });

  add(key: string, texts: readonly string[]): void {
    const tools = texts.map((text) => JSON.parse(text) as ToolSpec);
    const existing = this.#sets.get(key);
    if (existing) existing.push(...tools);
    else this.#sets.set(key, tools);
  }

  drop(key: string): void {
    const set = this.#sets.get(key);
    if (set) forgetTools(set);
    this.#sets.delete(key);
    for (const list of [...this.#lists.keys()]) if (list.split('\n').includes(key)) this.#lists.delete(list);
  }

  of(keys: readonly string[]): readonly ToolSpec[] {
    if (keys.length === 1) return this.#sets.get(keys[0]!) ?? [];
    const name = keys.join('\n');
    const cached = this.#lists.get(name);
    if (cached) return cached;
    const list = joinTools(keys.map((key) => this.#sets.get(key) ?? []));
    this.#lists.set(name, list);
    return list;
  }
}
