import type { AgentTool, AppRouter, CallerPrincipal } from '@errand/contracts';
import type { InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import type { ApiDeps } from '../deps.ts';

/** What a call of a tool works with. */
export type AgentContext = {
  /** The operations of the contract, as this caller may use them. */
  readonly operations: ReturnType<AppRouter['createCaller']>;
  readonly engine: ApiDeps['engine'];
  readonly waits: ApiDeps['waits'];
  readonly principal: CallerPrincipal;
  /** The user for whom the agent acts. */
  readonly userId: string;
  readonly mcp: ServerContext;
  /** Signs the state of a question to the person at the client; only this caller and user can bring it back. */
  readonly seal: (state: Record<string, string>) => Promise<string>;
};

type Schema = { readonly _zod: { readonly input: unknown; readonly output: unknown } };
type OutputOf<S> = S extends Schema ? S['_zod']['output'] : never;
type InputOf<S> = S extends Schema ? S['_zod']['input'] : never;

/** Carries out one tool: its answer, or what the person at the client is asked. */
export type AgentCall<T extends AgentTool> = (
  input: OutputOf<T['input']>,
  context: AgentContext,
) => Promise<InputOf<T['output']> | InputRequiredResult>;
