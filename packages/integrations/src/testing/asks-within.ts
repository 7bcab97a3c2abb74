import type { ServerResponse } from 'node:http';
import { json, type McpBehaviour } from './stub-mcp-server.ts';

type Answer = { action?: string; content?: object; error?: object };
type Asking = {
  /** Revision of its session. */
  revision?: string;
  /** The questions of the nth call, in order. */
  ask: (call: number) => readonly object[];
  /** The result of the call. */
  then: (answers: readonly Answer[]) => object;
  tools?: McpBehaviour['tools'];
  /** Whether it asks on the stream that belongs to no call. */
  apart?: boolean;
};

/** A server of an earlier revision, which asks within its calls and waits for the answers in its session. */
export function asksWithin({ revision = '2025-11-25', ask, then, tools, apart = false }: Asking) {
  let calls = 0;
  let listener: ServerResponse | undefined;
  const waiting = new Map<string, (answer: Answer) => void>();
  const received = { answers: [] as Answer[], cancelled: 0, capabilities: [] as unknown[] };
  const send = (to: ServerResponse | undefined, message: object) =>
    to?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  const behaviour: McpBehaviour = {
    ...(tools && { tools }),
    before: ({ method }, response, message) => {
      if (method === 'GET') {
        listener = response.writeHead(200, { 'content-type': 'text/event-stream' });
        listener.flushHeaders();
        return true;
      }
      if (message?.method === 'initialize') {
        received.capabilities.push(message.params?.capabilities);
        const serverInfo = { name: 'stub', version: '1' };
        const result = { protocolVersion: revision, capabilities: { tools: {} }, serverInfo };
        json(response, 200, { jsonrpc: '2.0', id: message.id, result }, { 'mcp-session-id': 'session-1' });
        return true;
      }
      if (message?.method === 'notifications/cancelled') received.cancelled++;
      if (message?.method !== undefined) return false;
      const { id, result, error } = message as { id?: string; result?: Answer; error?: object };
      const answer = result ?? { error: error ?? {} };
      received.answers.push(answer);
      response.writeHead(202).end();
      waiting.get(String(id))?.(answer);
      return true;
    },
    call: ({ id }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const n = ++calls;
      const work = async () => {
        const answers: Answer[] = [];
        for (const [at, params] of ask(n).entries()) {
          const question = `${n}-${at}`;
          const answered = new Promise<Answer>((resolve) => waiting.set(question, resolve));
          send(apart ? listener : response, { id: question, method: 'elicitation/create', params });
          answers.push(await answered);
        }
        send(response, { id, result: then(answers) });
        response.end();
      };
      void work();
      return undefined;
    },
  };
  return { behaviour, seen: received };
}
