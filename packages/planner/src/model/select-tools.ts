import type { ToolSpec } from '@errand/contracts';
import { searchTools } from '../search/search-tools.ts';

export type Selection = { full: readonly ToolSpec[]; rest: readonly ToolSpec[] };

/**
 * Chooses which tools a prompt describes in full. A set that fits is kept whole. Of a larger one: the tools that `keep` names, then those that the
 * text speaks of most. Both lists keep the order of `tools`.
 */
export function selectTools(
  tools: readonly ToolSpec[],
  text: string,
  max: number,
  keep: ReadonlySet<string> = new Set(),
): Selection {
  if (tools.length <= max) return { full: tools, rest: [] };
  const kept = tools.filter(({ name }) => keep.has(name));
  const found = searchTools(tools, text, max).map(({ tool }) => tool);
  const chosen = new Set([...new Set([...kept, ...found, ...tools])].slice(0, max));
  return {
    full: tools.filter((tool) => chosen.has(tool)),
    rest: tools.filter((tool) => !chosen.has(tool)),
  };
}
