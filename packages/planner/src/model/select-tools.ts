import type { ToolSpec } from '@errand/contracts';
import MiniSearch from 'minisearch';

export type Selection = { full: readonly ToolSpec[]; rest: readonly ToolSpec[] };

/** Words of names too: `listOpenDeals` and `list_open_deals` are three words. */
const words = (text: string): string[] =>
  text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word.length > 1)
    // A crude stem: deals and deal, companies and company meet.
    .map((word) => (word.length > 3 ? word.replace(/ies$/, 'y').replace(/(?<=[^s])s$/, '') : word));

/**
 * Chooses which tools a prompt describes in full. A set that fits is kept whole. Of a larger one: the tools that `keep` names,
 * then the best lexical matches (BM25+) of the text, with a fair share for each integration, so that one with many
 * similar tools does not crowd out the others. Both lists keep the order of `tools`.
 */
export async function selectTools(
  tools: readonly ToolSpec[],
  text: string,
  max: number,
  keep: ReadonlySet<string> = new Set(),
): Promise<Selection> {
  if (tools.length <= max) return { full: tools, rest: [] };
  const search = new MiniSearch<ToolSpec>({
    idField: 'name',
    fields: ['operation', 'title', 'integrationName', 'description', 'path', 'inputs'],
    extractField: (tool, field) =>
      field === 'inputs'
        ? propertyNames(tool.inputSchema).join(' ')
        : String(tool[field as keyof ToolSpec] ?? '').slice(0, 400),
    tokenize: words,
    processTerm: (term) => term,
  });
  // In chunks, so that ten thousand tools do not hold up everything else.
  await search.addAllAsync(tools, { chunkSize: 200 });
  // A long context repeats itself; the first words are the intent's.
  const query = [...new Set(words(text.slice(0, 20_000)))].slice(0, 150).join(' ');
  const ranked = search
    .search(query, {
      boost: { operation: 3, title: 3, integrationName: 2 },
      tokenize: words,
      prefix: (term) => term.length > 3,
    })
    .map((hit) => hit.id as string);
  const ofIntegration = new Map(tools.map((tool) => [tool.name, tool.customerIntegrationId]));
  const integrations = new Set(ofIntegration.values()).size;
  const share = Math.max(1, Math.floor(max / (2 * integrations)));

  const chosen = new Set<string>();
  const taken = new Map<string, number>();
  const choose = (name: string, shareOnly: boolean) => {
    const integration = ofIntegration.get(name);
    if (!integration || chosen.has(name) || chosen.size >= max) return;
    const used = taken.get(integration) ?? 0;
    if (shareOnly && used >= share) return;
    chosen.add(name);
    taken.set(integration, used + 1);
  };
  for (const name of keep) choose(name, false);
  for (const name of ranked) choose(name, true);
  for (const name of ranked) choose(name, false);
  for (const tool of tools) choose(tool.name, false);
  return {
    full: tools.filter((tool) => chosen.has(tool.name)),
    rest: tools.filter((tool) => !chosen.has(tool.name)),
  };
}

/** Names of what a tool takes, two levels deep: arguments are often grouped as path, query and body. */
function propertyNames(schema: unknown, depth = 0): string[] {
  const properties = (schema as { properties?: unknown } | undefined)?.properties;
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties)
    .slice(0, 50)
    .flatMap(([name, child]) => [name, ...(depth < 2 ? propertyNames(child, depth + 1) : [])]);
}
