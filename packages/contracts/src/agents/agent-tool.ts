// The shape of a tool for agents, and its JSON Schemas as MCP lists them.
import { z } from 'zod';

/** The annotations of a tool in MCP. */
export type ToolHints = {
  readOnlyHint: boolean;
  openWorldHint: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
};

/** A tool that agents call at `/mcp`: one or two operations of the contract in an agent's terms. */
export type AgentTool<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The scope of its operation. Keys without it can neither see nor call the tool. */
  readonly scope: string | null;
  readonly annotations: ToolHints;
  readonly input: In;
  readonly output: Out;
};

export const agentTool = <In extends z.ZodObject, Out extends z.ZodObject>(
  tool: AgentTool<In, Out>,
): AgentTool<In, Out> => tool;

/** A tool as MCP lists it. Its JSON Schemas contain no references. */
export const listedAgentTool = ({ name, title, description, annotations, input, output }: AgentTool) => ({
  name,
  title,
  description,
  annotations: { title, ...annotations },
  inputSchema: objectSchema(z.toJSONSchema(input, { io: 'input' })),
  outputSchema: objectSchema(z.toJSONSchema(output, { io: 'output' })),
});

const objectSchema = (schema: object) => ({ ...schemaForClients({ ...schema }), type: 'object' as const });

type SchemaNode = { [key: string]: unknown };

/**
 * Inlines the references of a JSON Schema, because not all clients resolve them. A recursive schema keeps its reference.
 * @param schema as zod makes it, with its parts under `$defs`
 */
export function schemaForClients({ $defs, ...schema }: SchemaNode): SchemaNode {
  const definitions = ($defs ?? {}) as Record<string, SchemaNode>;
  const recursiveDefinitions: Record<string, SchemaNode> = {};
  const walk = (value: unknown, enclosingNames: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((member) => walk(member, enclosingNames));
    if (typeof value !== 'object' || value === null) return value;
    const node = value as SchemaNode;
    const name = typeof node.$ref === 'string' && /^#\/\$defs\/(.+)$/.exec(node.$ref)?.[1];
    if (!name)
      return Object.fromEntries(
        Object.entries(node)
          .filter(([key, member]) => key !== 'items' || !isEmptySchema(member))
          .map(([key, member]) => [
            key,
            key === 'additionalProperties' && isEmptySchema(member) ? true : walk(member, enclosingNames),
          ]),
      );
    if (enclosingNames.includes(name)) {
      recursiveDefinitions[name] ??= definitions[name]!;
      return node;
    }
    const { $ref: _, ...siblings } = node;
    return walk({ ...definitions[name], ...siblings }, [...enclosingNames, name]);
  };
  const inlinedSchema = walk(schema, []) as SchemaNode;
  return Object.keys(recursiveDefinitions).length > 0
    ? { ...inlinedSchema, $defs: recursiveDefinitions }
    : inlinedSchema;
}

/** The empty schema. Strict clients require `true` instead of it in `additionalProperties`, and no `items` at all. */
const isEmptySchema = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
