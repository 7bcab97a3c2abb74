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

const objectSchema = (schema: object) => ({ ...inlined({ ...schema }), type: 'object' as const });

type Node = { [key: string]: unknown };

/**
 * Inlines the references of a JSON Schema, because not all clients resolve them. A recursive schema keeps its reference.
 * @param schema as zod makes it, with its parts under `$defs`
 */
export function inlined({ $defs, ...schema }: Node): Node {
  const parts = ($defs ?? {}) as Record<string, Node>;
  const recursive: Record<string, Node> = {};
  const walk = (value: unknown, within: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((member) => walk(member, within));
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Node;
    const name = typeof node.$ref === 'string' && /^#\/\$defs\/(.+)$/.exec(node.$ref)?.[1];
    if (!name)
      return Object.fromEntries(
        Object.entries(node)
          .filter(([key, member]) => key !== 'items' || !isFree(member))
          .map(([key, member]) => [
            key,
            key === 'additionalProperties' && isFree(member) ? true : walk(member, within),
          ]),
      );
    if (within.includes(name)) {
      recursive[name] ??= parts[name]!;
      return node;
    }
    const { $ref: _, ...beside } = node;
    return walk({ ...parts[name], ...beside }, [...within, name]);
  };
  const whole = walk(schema, []) as Node;
  return Object.keys(recursive).length > 0 ? { ...whole, $defs: recursive } : whole;
}

/** The empty schema. Strict clients require `true` instead of it in `additionalProperties`, and no `items` at all. */
const isFree = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
