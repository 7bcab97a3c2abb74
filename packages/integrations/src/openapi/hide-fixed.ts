import { isRecord } from '@errand/basics/is-record';
import type { DescribedTool, JsonSchema, RequestSettings } from '@errand/contracts';
import { definitionOf, hasProperty } from '../execute/fixed-request.ts';
import type { HttpCall } from '../execute/http-call.ts';
import type { Context } from './document/document.ts';

type Schema = Record<string, unknown>;
type Matches = (name: string) => boolean;

/** A tool without the arguments that its integration sets or hides, so that planners do not see them. */
export function hideFixed(
  tool: DescribedTool,
  { headers = {}, query = {}, arguments: fixed = {} }: RequestSettings = {},
): DescribedTool {
  const names = Object.keys({ ...fixed['*'], ...(Object.hasOwn(fixed, tool.operation) && fixed[tool.operation]) });
  const lowerNames = new Set([...names, ...Object.keys(headers)].map((name) => name.toLowerCase()));
  const matches: Readonly<Record<string, Matches>> = {
    path: (name) => names.includes(name),
    query: (name) => names.includes(name) || Object.hasOwn(query, name),
    header: (name) => lowerNames.has(name.toLowerCase()),
    body: (name) => names.includes(name),
  };
  const { properties = {}, required = [] } = tool.inputSchema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const hiddenBody = names.filter((name) => hasProperty(tool.inputSchema, properties.body, name));
  const kept = Object.entries(properties).flatMap(([group, schema]) => {
    const rest = withoutMembers(tool.inputSchema, schema, matches[group]!);
    return rest !== schema && isEmpty(rest) ? [] : [[group, rest] as const];
  });
  const groups = new Map(kept);
  const isRequired = (group: string) =>
    groups.get(group) === properties[group] || group === 'body' || listOf(groups.get(group)?.required).length > 0;
  return {
    ...tool,
    inputSchema: withRequired(
      { ...tool.inputSchema, properties: Object.fromEntries(kept) },
      required.filter((group) => groups.has(group) && isRequired(group)),
    ) as JsonSchema,
    ...(hiddenBody.length > 0 && { call: { ...(tool.call as HttpCall), hiddenBody } }),
  };
}

const MAX_DEPTH = 8;

/** The schema without some properties; the same schema if it has none of them. References are resolved where they have one. */
function withoutMembers(root: JsonSchema, schema: unknown, matches: Matches, depth = 0): Schema {
  if (!isRecord(schema) || depth > MAX_DEPTH) return schema as Schema;
  const target = definitionOf(root, schema);
  if (isRecord(target)) {
    const { $ref: _, ...others } = schema;
    const rest = withoutMembers(root, target, matches, depth + 1);
    return rest === target ? schema : { ...rest, ...others };
  }
  let out: Schema = schema;
  if (isRecord(schema.properties) && Object.keys(schema.properties).some(matches)) {
    const properties = Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !matches(name)));
    out = { ...out, properties };
  }
  if (listOf(schema.required).some(matches))
    out = withRequired(
      out,
      listOf(schema.required).filter((name) => !matches(name)),
    );
  for (const part of ['allOf', 'anyOf', 'oneOf']) {
    const items = schema[part];
    if (!Array.isArray(items)) continue;
    const rest = items.map((item) => withoutMembers(root, item, matches, depth + 1));
    if (rest.some((item, n) => item !== items[n])) out = { ...out, [part]: rest };
  }
  return out;
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

function withRequired({ required: _, ...schema }: Schema, required: readonly string[]): Schema {
  return required.length > 0 ? { ...schema, required } : schema;
}

/** Whether an object takes no members. */
const isEmpty = ({ properties, additionalProperties, allOf, anyOf, oneOf }: Schema): boolean =>
  isRecord(properties) &&
  Object.keys(properties).length === 0 &&
  (additionalProperties === false || additionalProperties === undefined) &&
  [allOf, anyOf, oneOf].every((part) => part === undefined);

/** Warns of operations with fixed arguments that the document does not have. */
export function warnOfUnknown(context: Context, tools: readonly DescribedTool[], settings: RequestSettings = {}): void {
  const operations = new Set(['*', ...tools.map(({ operation }) => operation)]);
  for (const name of Object.keys(settings.arguments ?? {}))
    if (!operations.has(name)) context.warn('/arguments', `The document has no operation ${JSON.stringify(name)}.`);
}
