import { cleanText } from '@errand/basics/plain-words';
import type { PlanRequest, ToolSpec } from '@errand/contracts';
import { searchTools } from '../search/search-tools.ts';
import { nameWords } from '../search/words.ts';
import { shortened } from './shapes/notes.ts';
import { showTools, type ToolText } from './show-tools.ts';

/** Above this many tools, their names alone would fill the prompt. */
const MAX_NAMED = 400;
const MAX_NAMES_BYTES = 24 * 1024;
/** Maximum number of tools that a search of the model returns, and bytes of their names. */
const SEARCH_LIMITS = { count: 20, maxBytes: 2 * 1024 };
/** The same for the search for the intent, before those of the model. */
export const FIRST_SEARCH_LIMITS = { count: 10, maxBytes: 800 };

/** The part of a prompt about the tools: the same for every run with these tools. */
export type ToolView = {
  shown: ToolText;
  named: ToolText;
  /** Set when some are neither shown nor named: a text about all. */
  integrations?: string;
};

/**
 * Shows all tools while there are few, names them while their names fit, and otherwise leaves them to searches.
 * @param maxShown maximum number of tools shown
 */
export function viewTools(
  tools: readonly ToolSpec[],
  maxShown: number,
  observedOutputSchemas: PlanRequest['observedOutputSchemas'],
): ToolView {
  const inFull: ToolText = tools.length <= maxShown ? showTools(tools, observedOutputSchemas) : { text: '', tools: [] };
  const rest = tools.filter((tool) => !inFull.tools.includes(tool));
  const named: ToolText = rest.length <= MAX_NAMED ? nameTools(rest, MAX_NAMES_BYTES) : { text: '', tools: [] };
  const isWhole = inFull.tools.length + named.tools.length === tools.length;
  return { shown: inFull, named, ...(!isWhole && { integrations: nameIntegrations(tools) }) };
}

/** The names of the tools that match a text, best first. */
export function findTools(tools: readonly ToolSpec[], text: string, { count, maxBytes } = SEARCH_LIMITS): string {
  const ranked = searchTools(tools, text, count);
  return nameTools(
    ranked.map(({ tool }) => tool),
    maxBytes,
  ).text;
}

/** Shorter lines are useless. */
const MIN_LINE = 12;
const MAX_LINE = 80;
/** Maximum number of words about an integration's topics. */
const MAX_TOPICS = 30;
const MAX_INTEGRATIONS = 60;

/** Lists tools by integration, one a line, each with a description if there is space. Tools that do not fit are left out. */
function nameTools(tools: readonly ToolSpec[], maxBytes: number): ToolText {
  const bare = linesOf(tools, () => '');
  const fit: ToolSpec[] = [];
  let bytes = 0;
  for (const { tool, text } of bare) {
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > maxBytes) break;
    if (tool) fit.push(tool);
  }
  for (let line = MAX_LINE; line >= MIN_LINE; line -= 4) {
    const text = textOf(linesOf(fit, (tool) => shortened(tool.title ?? tool.description, line)));
    if (Buffer.byteLength(text) <= maxBytes) return { text, tools: fit };
  }
  return { text: textOf(linesOf(fit, () => '')), tools: fit };
}

/** Lists the integrations, each with the number of its tools and their topics. */
function nameIntegrations(tools: readonly ToolSpec[]): string {
  const groups = byIntegration(tools);
  const lines = [...groups].slice(0, MAX_INTEGRATIONS).map(([id, ofIntegration]) => {
    const counts = new Map<string, number>();
    // The first word of an operation is its verb.
    for (const { operation } of ofIntegration)
      for (const word of new Set(nameWords(operation).slice(1))) counts.set(word, (counts.get(word) ?? 0) + 1);
    const topics = [...counts]
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_TOPICS)
      .map(([word]) => word.slice(0, 30));
    return `${headOf(id, ofIntegration[0]!)} ${ofIntegration.length} tools, about ${topics.join(', ')}`;
  });
  const more = groups.size - lines.length;
  return cleanText([...lines, ...(more > 0 ? [`and ${more} more integrations`] : [])].join('\n'));
}

const headOf = (id: string, { integrationName }: ToolSpec): string =>
  `integration ${id} (${shortened(integrationName, 60)}):`;

function linesOf(tools: readonly ToolSpec[], say: (tool: ToolSpec) => string): { tool?: ToolSpec; text: string }[] {
  const groups = byIntegration(tools);
  return [...groups].flatMap(([id, ofIntegration]) => [
    { text: headOf(id, ofIntegration[0]!) },
    ...ofIntegration.map((tool) => {
      const line = say(tool);
      return { tool, text: `${tool.operation}${tool.effect === 'write' ? ' (write)' : ''}${line && `: ${line}`}` };
    }),
  ]);
}

const textOf = (lines: readonly { text: string }[]): string => lines.map(({ text }) => text).join('\n');

function byIntegration(tools: readonly ToolSpec[]): Map<string, ToolSpec[]> {
  const groups = new Map<string, ToolSpec[]>();
  for (const tool of tools) {
    const group = groups.get(tool.customerIntegrationId);
    if (group) group.push(tool);
    else groups.set(tool.customerIntegrationId, [tool]);
  }
  return groups;
}
