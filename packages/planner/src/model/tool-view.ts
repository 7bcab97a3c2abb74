import type { PlanRequest, ToolSpec } from '@errand/contracts';
import { searchTools } from '../search/search-tools.ts';
import { nameIntegrations, nameTools } from './name-tools.ts';
import { showTools, type ToolText } from './show-tools.ts';

/** Above this many tools, their names alone would fill the prompt. */
const MAX_NAMED = 400;
const MAX_NAMES_BYTES = 24 * 1024;
/** Maximum number of tools in a search, and bytes of their names. */
const FOUND = 20;
const MAX_FOUND_BYTES = 2 * 1024;
/** Tools found for the intent before the model's own searches. */
const FOUND_AT_FIRST = 10;
const MAX_FOUND_AT_FIRST_BYTES = 800;

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
  seenOutputs: PlanRequest['seenOutputs'],
): ToolView {
  const inFull: ToolText = tools.length <= maxShown ? showTools(tools, seenOutputs) : { text: '', tools: [] };
  const rest = tools.filter((tool) => !inFull.tools.includes(tool));
  const named: ToolText = rest.length <= MAX_NAMED ? nameTools(rest, MAX_NAMES_BYTES) : { text: '', tools: [] };
  const isWhole = inFull.tools.length + named.tools.length === tools.length;
  return { shown: inFull, named, ...(!isWhole && { integrations: nameIntegrations(tools) }) };
}

/** The names of the tools that match a text, best first. */
export const findTools = (tools: readonly ToolSpec[], text: string): string =>
  nameTools(
    searchTools(tools, text, FOUND).map(({ tool }) => tool),
    MAX_FOUND_BYTES,
  ).text;

/** As `findTools`, fewer: for the first message. */
export const findAtFirst = (tools: readonly ToolSpec[], text: string): string =>
  nameTools(
    searchTools(tools, text, FOUND_AT_FIRST).map(({ tool }) => tool),
    MAX_FOUND_AT_FIRST_BYTES,
  ).text;
