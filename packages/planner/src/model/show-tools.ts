import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { cleanText, cut } from './untrusted.ts';

const MAX_DESCRIPTION_BYTES = 2048;
const MAX_INPUT_BYTES = 8192;
const MAX_OUTPUT_BYTES = 4096;
const MAX_TOOL_BYTES = MAX_DESCRIPTION_BYTES + MAX_INPUT_BYTES + MAX_OUTPUT_BYTES;
/** The descriptions of all tools together; about 40 000 tokens. */
const MAX_ALL_BYTES = 160 * 1024;
const MAX_INDEX_BYTES = 24 * 1024;

/** Describes tools to the model: name, effect, what it does, what it takes and what it returns. */
export function showTools(tools: readonly ToolSpec[]): string {
  const budget = Math.min(MAX_TOOL_BYTES, Math.floor(MAX_ALL_BYTES / Math.max(1, tools.length)));
  return tools.map((tool) => showTool(tool, budget)).join('\n\n');
}

/** Tools with the forms of their earlier answers. */
export const withSeen = (
  tools: readonly ToolSpec[],
  seen: Readonly<Record<string, JsonSchema>> = {},
): readonly ToolSpec[] =>
  tools.map((tool) => {
    const seenOutput = Object.hasOwn(seen, tool.name) ? seen[tool.name] : undefined;
    return seenOutput === undefined ? tool : { ...tool, seenOutput };
  });

/** Names the tools that were left out, one a line. */
export const indexTools = (tools: readonly ToolSpec[]): string =>
  cut(
    tools.map((tool) => `${tool.name} (${tool.effect}) ${oneLine(tool.title ?? tool.description, 80)}`).join('\n'),
    MAX_INDEX_BYTES,
  );

function showTool(tool: ToolSpec, budget: number): string {
  const what = [tool.title, tool.description].filter((text, at, all) => text && all.indexOf(text) === at).join('. ');
  const description = oneLine(what, Math.min(MAX_DESCRIPTION_BYTES, Math.floor(budget / 4)));
  const takes = showSchema(tool.inputSchema, Math.min(MAX_INPUT_BYTES, Math.floor(budget / 2)));
  const returns = tool.outputSchema
    ? showSchema(tool.outputSchema, Math.min(MAX_OUTPUT_BYTES, Math.floor(budget / 4)))
    : tool.seenOutput
      ? `not described; seen: ${showSchema(tool.seenOutput, Math.min(MAX_OUTPUT_BYTES, Math.floor(budget / 4)))}`
      : 'not described';
  return `tool ${tool.name}\neffect: ${tool.effect}\ndoes: ${description}\ntakes: ${takes}\nreturns: ${returns}`;
}

const oneLine = (text: string, maxBytes: number): string =>
  cut(cleanText(text.slice(0, 20_000)).replace(/\s+/g, ' ').trim(), maxBytes);

/** A JSON Schema in at most `maxBytes`: the less room there is, the more of what only helps is left out. */
export function showSchema(schema: JsonSchema, maxBytes: number): string {
  for (const detail of details) {
    const text = cleanText(JSON.stringify(trim(schema, detail, 0)) ?? '{}');
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return cut(cleanText(JSON.stringify(trim(schema, details.at(-1) ?? details[0], 0)) ?? '{}'), maxBytes);
}

type Detail = { depth: number; describe: number; enums: number; limits: boolean };
const details = [
  { depth: 12, describe: 300, enums: 100, limits: true },
  { depth: 10, describe: 80, enums: 40, limits: true },
  { depth: 8, describe: 0, enums: 20, limits: false },
  { depth: 5, describe: 0, enums: 10, limits: false },
  { depth: 3, describe: 0, enums: 5, limits: false },
] as const satisfies readonly Detail[];

const always = ['type', 'const', '$ref', 'required', 'format', 'nullable'];
const limits = ['default', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];
const ofSchemas = ['properties', 'patternProperties', '$defs', 'definitions'];
const ofSchema = ['items', 'additionalProperties', 'not', 'anyOf', 'oneOf', 'allOf', 'prefixItems'];

function trim(schema: unknown, detail: Detail, depth: number): unknown {
  if (Array.isArray(schema)) return schema.map((item) => trim(item, detail, depth));
  if (typeof schema !== 'object' || schema === null) return schema;
  if (depth > detail.depth) return {};
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (always.includes(key) || (detail.limits && limits.includes(key))) entries.push([key, value]);
    else if (key === 'enum' && Array.isArray(value))
      entries.push([
        key,
        value.length > detail.enums ? [...value.slice(0, detail.enums), `… ${value.length} in all`] : value,
      ]);
    else if (key === 'description' && typeof value === 'string' && detail.describe > 0)
      entries.push([key, oneLine(value, detail.describe)]);
    else if (ofSchema.includes(key)) entries.push([key, trim(value, detail, depth + 1)]);
    else if (ofSchemas.includes(key) && typeof value === 'object' && value !== null)
      entries.push([
        key,
        Object.fromEntries(Object.entries(value).map(([name, child]) => [name, trim(child, detail, depth + 1)])),
      ]);
  }
  return Object.fromEntries(entries);
}
