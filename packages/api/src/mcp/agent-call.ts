import type { AgentTool, AppRouter, CallerPrincipal } from '@errand/contracts';
import type { InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import type { ApiDeps } from '../deps.ts';

/** The context of a tool call. */
export type AgentContext = {
  /** The operations of the contract, with the rights of this caller. */
  readonly operations: ReturnType<AppRouter['createCaller']>;
  readonly engine: ApiDeps['engine'];
  readonly waitSlots: ApiDeps['waitSlots'];
  readonly principal: CallerPrincipal;
  /** The user for whom the agent acts. */
  readonly userId: string;
  readonly mcp: ServerContext;
  /** Signs the state of a question to the user of the client; only this caller and user can return it. */
  readonly seal: (state: Record<string, string>) => Promise<string>;
};

type Schema = { readonly _zod: { readonly input: unknown; readonly output: unknown } };
type OutputOf<S> = S extends Schema ? S['_zod']['output'] : never;
type InputOf<S> = S extends Schema ? S['_zod']['input'] : never;

/** Runs one tool. It returns the result, or a question to the user of the client. */
export type AgentCall<T extends AgentTool> = (
  input: OutputOf<T['input']>,
  context: AgentContext,
) => Promise<InputOf<T['output']> | InputRequiredResult>;
