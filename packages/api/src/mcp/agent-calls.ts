import { type AgentTool, agentTools, type CallerPrincipal, holds, listedAgentTool } from '@errand/contracts';
import { invalidInput } from '@errand/trpc-openapi';
import type { Tool } from '@modelcontextprotocol/server';
import type { AgentCall, AgentContext } from './agent-call.ts';
import { decide } from './calls/decide.ts';
import { executeIntent } from './calls/execute-intent.ts';
import { listIntegrations } from './calls/list-integrations.ts';
import { listPending } from './calls/list-pending.ts';
import { runStatus } from './calls/run-status.ts';
import { searchTools } from './calls/search-tools.ts';

type Calls = { readonly [K in keyof typeof agentTools]: AgentCall<(typeof agentTools)[K]> };

const calls: Calls = { listIntegrations, searchTools, executeIntent, runStatus, listPending, decide };

/** A tool with its listing, the scope that it needs, and its implementation. */
export type ServedTool = {
  listed: Tool;
  scope: string | null;
  /** @throws ProblemError */
  call: (args: unknown, context: AgentContext) => Promise<object>;
};

const served: readonly ServedTool[] = (Object.keys(calls) as (keyof Calls)[]).map((key) => {
  const tool: AgentTool = agentTools[key];
  const call = calls[key] as AgentCall<AgentTool>;
  return {
    listed: listedAgentTool(tool),
    scope: tool.scope,
    call: async (args, context) => {
      const read = tool.input.safeParse(args);
      if (!read.success) throw invalidInput(tool.input, read.error.issues);
      return call(read.data, context);
    },
  };
});

/** The tools that a principal may call; other tools are neither listed nor found. */
export const toolsFor = (principal: CallerPrincipal): readonly ServedTool[] =>
  served.filter(({ scope }) => holds(principal, scope));
