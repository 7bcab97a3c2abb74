import { z } from 'zod';
import { inlined } from './inlined.ts';

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
