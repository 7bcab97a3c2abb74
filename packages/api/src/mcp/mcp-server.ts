import { type ProblemOptions, problemsOf } from '@errand/trpc-openapi';
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
import type { AgentContext } from './agent-call.ts';
import { toolsFor } from './agent-calls.ts';
import type { RequestStates } from './request-states.ts';

/** The list of tools of a key changes with the service alone: clients may keep it for an hour. */
const LIST_TTL_MS = 3_600_000;
const INSTRUCTIONS =
  'Errand carries out an intent with the integrations of the user: it plans, asks a person where one must approve, and calls the services with credentials of the user. Start with execute_intent, follow with run_status.';

/** What the server of a request answers with, for those who add to it. */
export type OwnAnswers = {
  tools: readonly Tool[];
  call: (request: CallToolRequest, mcp: ServerContext) => Promise<CallToolResult | InputRequiredResult>;
  seal: RequestStates['mint'];
};

/** Adds to the server of a request what a conformance suite looks for. A program that mounts the API can pass it; no setting can. */
export type ExtendAgents = (server: Server, own: OwnAnswers) => void;

export type ServerDeps = Omit<AgentContext, 'mcp' | 'seal'> & {
  version: string;
  states: RequestStates;
  problems: ProblemOptions;
  extend: ExtendAgents | undefined;
  /** Called with an unexpected error; the caller does not see its text. */
  onError: (error: unknown, tool: string) => void;
};

/** The MCP server for one request: nothing is kept between requests, so any process answers any of them. */
export function mcpServer({ version, states, problems, extend, onError, ...context }: ServerDeps): Server {
  const served = toolsFor(context.principal);
  const tools = served.map(({ listed }) => listed);
  const { answer } = problemsOf(problems);
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
  const call: OwnAnswers['call'] = async ({ params }, mcp) => {
    const tool = served.find(({ listed }) => listed.name === params.name);
    if (!tool)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${params.name} for this key.`);
    try {
      const seal = (state: Record<string, string>) => states.mint(state, mcp);
      const result = await tool.call(params.arguments ?? {}, { ...context, mcp, seal });
      return isInputRequiredResult(result) ? result : succeeded(result);
    } catch (error) {
      const { problem, unexpected } = answer(error);
      if (unexpected) onError(error, params.name);
      const { code, title, detail = title, remedy, errors } = problem;
      return failed({ code, detail, remedy, errors });
    }
  };
  server.setRequestHandler('tools/list', () => ({ tools }));
  server.setRequestHandler('tools/call', call);
  extend?.(server, { tools, call, seal: states.mint });
  return server;
}

const succeeded = (structuredContent: object): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
  structuredContent: { ...structuredContent },
});

const failed = (fault: object): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: JSON.stringify(fault) }],
});
