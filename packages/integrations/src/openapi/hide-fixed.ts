import { isRecord } from '@errand/basics/is-record';
import type { DescribedTool, JsonSchema, RequestSettings } from '@errand/contracts';
import { definitionOf, hasProperty, PARTS } from '../execute/fixed-request.ts';
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
  const {
    properties = {},
    required = [],
    $defs = {},
  } = tool.inputSchema as {
    properties?: Record<string, Schema>;
    required?: string[];
    $defs?: Record<string, unknown>;
  };
  const definitions = { ...$defs };
  const hiddenBody = names.filter((name) => hasProperty(tool.inputSchema, properties.body, name));
  const kept = Object.entries(properties).flatMap(([group, schema]) => {
    const rest = new PropertyRemover(tool.inputSchema, matches[group]!, definitions).remove(schema);
    return rest !== schema && isEmpty(rest) ? [] : [[group, rest] as const];
  });
  const groups = new Map(kept);
  const isRequired = (group: string) =>
    groups.get(group) === properties[group] || group === 'body' || listOf(groups.get(group)?.required).length > 0;
  return {
    ...tool,
    inputSchema: withRequired(
      {
        ...tool.inputSchema,
        properties: Object.fromEntries(kept),
        ...(Object.keys(definitions).length > 0 && { $defs: definitions }),
      },
      required.filter((group) => groups.has(group) && isRequired(group)),
    ) as JsonSchema,
    ...(hiddenBody.length > 0 && { call: { ...(tool.call as HttpCall), hiddenBody } }),
  };
}

const MAX_DEPTH = 32;

/**
 * Copies schemas without some properties. Definitions that have one are copied under new names, each once, so that the copy is never
 * larger than twice the schema.
 */
class PropertyRemover {
  readonly #copies = new Map<unknown, Schema>();
  readonly #names = new Map<Schema, string>();

  /** @param definitions takes the copied definitions */
  constructor(
    private readonly root: JsonSchema,
    private readonly matches: Matches,
    private readonly definitions: Record<string, unknown>,
  ) {}

  /** The schema of a group, not a reference; the same schema if it has none of the properties. */
  remove(schema: unknown, depth = 0): Schema {
    const target = isRecord(schema) && depth < MAX_DEPTH ? definitionOf(this.root, schema) : undefined;
    if (!isRecord(schema) || !isRecord(target)) return this.#copy(schema, 0);
    const copy = this.remove(target, depth + 1);
    const { $ref: _, ...others } = schema;
    return copy === target ? schema : { ...copy, ...others };
  }

  #copy(schema: unknown, depth: number): Schema {
    if (!isRecord(schema) || depth > MAX_DEPTH) return schema as Schema;
    const known = this.#copies.get(schema);
    if (known) return known;
    // A schema that is a part of itself has no end, so its parts stay as they are.
    this.#copies.set(schema, schema);
    const copy = this.#withoutReference(this.#withoutOwn(schema), depth);
    this.#copies.set(schema, copy);
    return copy;
  }

  #withoutReference(schema: Schema, depth: number): Schema {
    const target = definitionOf(this.root, schema);
    const copy = isRecord(target) ? this.#copy(target, depth + 1) : target;
    let out = isRecord(copy) && copy !== target ? { ...schema, $ref: `#/$defs/${this.#nameOf(copy)}` } : schema;
    for (const part of PARTS) {
      const items = schema[part];
      if (!Array.isArray(items)) continue;
      const copies = items.map((item) => this.#copy(item, depth + 1));
      if (copies.some((item, n) => item !== items[n])) out = { ...out, [part]: copies };
    }
    return out;
  }

  #withoutOwn(schema: Schema): Schema {
    const { matches } = this;
    const required = listOf(schema.required);
    let out = schema;
    if (isRecord(schema.properties) && Object.keys(schema.properties).some(matches)) {
      const properties = Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !matches(name)));
      out = { ...out, properties };
    }
    if (!required.some(matches)) return out;
    return withRequired(
      out,
      required.filter((name) => !matches(name)),
    );
  }

  #nameOf(copy: Schema): string {
    let name = this.#names.get(copy);
    for (let n = 1; name === undefined; n++) if (!Object.hasOwn(this.definitions, `fixed${n}`)) name = `fixed${n}`;
    this.#names.set(copy, name);
    this.definitions[name] = copy;
    return name;
  }
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
