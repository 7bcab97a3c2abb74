import { type AgentTool, agentTools, type CallerPrincipal, holds, listedAgentTool } from '@errand/contracts';
import { createProblemRenderer, invalidInput, type ProblemOptions } from '@errand/trpc-openapi';
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import type { AgentCall, AgentContext } from './agent-call.ts';
import { type AgentCalls, agentToolHandlers } from './calls/agent-calls.ts';
import type { RequestStates } from './request-states.ts';

/** The tools of a key change only with the service, so clients may cache them for an hour. */
const LIST_TTL_MS = 3_600_000;
const INSTRUCTIONS =
  'Errand carries out an intent with the integrations of the user: it plans, asks a person where one must approve, and calls the services with credentials of the user. Start with execute_intent, follow with run_status.';

/** The tools and the call handler of the server, for extensions. */
export type ServiceMcpTools = {
  tools: readonly Tool[];
  call: (request: CallToolRequest, mcp: ServerContext) => Promise<CallToolResult | InputRequiredResult>;
  seal: RequestStates['mint'];
};

/** Adds the tools of a conformance suite to the server of a request. A program that mounts the API passes it; no setting does. */
export type ExtendMcpServer = (server: Server, serviceTools: ServiceMcpTools) => void;

export type ServerDeps = Omit<AgentContext, 'mcp' | 'seal'> & {
  version: string;
  states: RequestStates;
  problems: ProblemOptions;
  extend: ExtendMcpServer | undefined;
  /** Called with an unexpected error, whose text the caller does not see. */
  onError: (error: unknown, tool: string) => void;
};

/** The MCP server for one request. It has no state between requests, so any process can answer any request. */
export function createMcpServer({ version, states, problems, extend, onError, ...context }: ServerDeps): Server {
  const listedTools = toolsFor(context.principal);
  const tools = listedTools.map(({ listed }) => listed);
  const { answer } = createProblemRenderer(problems);
  const server = new Server(
    { name: 'errand', title: 'Errand', version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
      requestState: { verify: states.verify },
      inputRequired: { legacyShim: false },
    },
  );
  const call: ServiceMcpTools['call'] = async ({ params }, mcp) => {
    const tool = listedTools.find(({ listed }) => listed.name === params.name);
    if (!tool)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${params.name} for this key.`);
    try {
      const seal = (state: Record<string, string>) => states.mint(state, mcp);
      const result = await tool.call(params.arguments ?? {}, { ...context, mcp, seal });
      return isInputRequiredResult(result) ? result : successResult(result);
    } catch (error) {
      const { problem, unexpected } = answer(error);
      if (unexpected) onError(error, params.name);
      const { code, title, detail = title, remedy, errors, values } = problem;
      return errorResult({ code, detail, remedy, errors, values });
    }
  };
  server.setRequestHandler('tools/list', () => ({ tools }));
  server.setRequestHandler('tools/call', call);
  extend?.(server, { tools, call, seal: states.mint });
  return server;
}

const successResult = (structuredContent: object): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
  structuredContent: { ...structuredContent },
});

const errorResult = (fault: object): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: JSON.stringify(fault) }],
});

/** A tool with its listing, the scope that it needs, and its implementation. */
type ServedTool = {
  listed: Tool;
  scope: string | null;
  /** @throws ProblemError */
  call: (args: unknown, context: AgentContext) => Promise<object>;
};

let servedTools: readonly ServedTool[] | undefined;

/** At the first request of an agent: the JSON Schemas of all tools take a tenth of the start of the service. */
const allTools = (): readonly ServedTool[] => (servedTools ??= agentToolKeys.map(toServedTool));

const agentToolKeys = Object.keys(agentToolHandlers) as (keyof AgentCalls)[];

function toServedTool(key: keyof AgentCalls): ServedTool {
  const tool: AgentTool = agentTools[key];
  const call = agentToolHandlers[key] as AgentCall<AgentTool>;
  return {
    listed: listedAgentTool(tool),
    scope: tool.scope,
    call: async (args, context) => {
      const read = tool.input.safeParse(args);
      if (!read.success) throw invalidInput(tool.input, read.error.issues);
      return call(read.data, context);
    },
  };
}

/** The tools that a principal may call; other tools are neither listed nor found. */
const toolsFor = (principal: CallerPrincipal): readonly ServedTool[] =>
  allTools().filter(({ scope }) => holds(principal, scope));
