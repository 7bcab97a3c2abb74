import { Client, type ClientCapabilities, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import type { Caller } from '../fixtures/transports.ts';

/** Revisions with a handshake, and the one with discovery. */
export const eras = ['legacy', 'modern'] as const;
export type Era = (typeof eras)[number];

export type Agent = {
  client: Client;
  /** Calls `decide`. `answered` is the person's answer to the client: a word, or the values of a form. */
  decide: (
    args: object,
    answered?: { said: string | object; requestState: string },
  ) => Promise<Record<string, unknown>>;
  /** Calls a tool. Returns its structured answer, or the refusal with its code. */
  call: (
    name: string,
    args?: object,
  ) => Promise<Record<string, unknown> & { refused?: { code: string; detail: string } }>;
};

type AgentOptions = { era?: Era; userId?: string; capabilities?: ClientCapabilities; headers?: Record<string, string> };

/** An MCP client for one test, with requests to the callers' servers in turn. */
export async function agentOf(
  callers: readonly Caller[],
  { era = 'modern', userId = 'user-123', capabilities = {}, headers = {} }: AgentOptions = {},
): Promise<Agent> {
  let sent = 0;
  const inTurn: typeof fetch = (input, init) => {
    const to = new URL(callers[sent++ % callers.length]!.url);
    const url = new URL(String(input));
    url.host = to.host;
    return fetch(url, init);
  };
  const versionNegotiation = { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } as const;
  const client = new Client(
    { name: 'tests', version: '1' },
    { capabilities, versionNegotiation, inputRequired: { autoFulfill: false } },
  );
  const [{ url, apiKey }] = callers as [Caller];
  const requestInit = { headers: { 'x-api-key': apiKey, 'x-user-id': userId, ...headers } };
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { fetch: inTurn, requestInit }));
  onTestFinished(() => client.close());
  return {
    client,
    decide: (args, answered) => {
      const { said: texts } = answered ?? {};
      const responses =
        typeof texts === 'object'
          ? { input: { action: 'accept', content: texts } }
          : { decision: { action: 'accept', content: { decision: texts } } };
      const params = {
        name: 'decide',
        arguments: { ...args },
        ...(answered && {
          inputResponses: responses,
          requestState: answered.requestState,
        }),
      };
      return client.callTool(params, { allowInputRequired: true }) as Promise<Record<string, unknown>>;
    },
    call: async (name, args = {}) => {
      const { isError, structuredContent, content } = await client.callTool({ name, arguments: { ...args } });
      if (!isError) return { ...(structuredContent as object) };
      const [first] = content;
      return { refused: JSON.parse(first?.type === 'text' ? first.text : '{}') };
    },
  };
}
