import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type McpHit = {
  path: string;
  method: string;
  rpc: string | undefined;
  id: number | string | undefined;
  headers: IncomingMessage['headers'];
  params: unknown;
};

type Tool = { name: string; [member: string]: unknown };
type Message = {
  id?: number | string;
  method?: string;
  params?: Record<string, unknown> & { name?: string; cursor?: string };
};

/** How a call is answered: by a result, or by the function itself. */
export type McpBehaviour = {
  tools?: readonly Tool[];
  /** Pages of tools, instead; the last one is followed by no cursor unless `endless`. */
  pages?: readonly (readonly Tool[])[];
  endless?: boolean;
  /** Whether it speaks the revision of 2026-07-28, and no earlier one. */
  modern?: boolean;
  /** Answers before the protocol is looked at. @returns whether it did */
  before?: (request: IncomingMessage, response: ServerResponse, message: Message | undefined) => boolean;
  call?: (message: Message, response: ServerResponse, request: IncomingMessage) => object | undefined;
};

export type StubMcpServer = {
  url: string;
  origin: string;
  hits: McpHit[];
  behave(behaviour: McpBehaviour): void;
  close(): Promise<void>;
};

/** An MCP server on 127.0.0.1 with scripted behaviour, also behaviour that no SDK has. @param port a free one by default */
export async function startStubMcpServer(first: McpBehaviour = {}, port = 0): Promise<StubMcpServer> {
  let behaviour = first;
  const hits: McpHit[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const message = text ? (JSON.parse(text) as Message) : undefined;
    const { url: path = '', method = '', headers } = request;
    hits.push({ path, method, rpc: message?.method, id: message?.id, headers, params: message?.params });
    if (behaviour.before?.(request, response, message)) return;
    if (method !== 'POST' || !message) return json(response, 405, { error: 'no' });
    answer(behaviour, message, request, response);
  });
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    origin,
    hits,
    behave: (next) => {
      behaviour = next;
      hits.length = 0;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function answer(
  behaviour: McpBehaviour,
  message: Message,
  request: IncomingMessage,
  response: ServerResponse,
): unknown {
  const { modern = false } = behaviour;
  const { id, method = '' } = message;
  if (method.startsWith('notifications/')) return response.writeHead(202).end();
  if (method === 'server/discover' && !modern) return json(response, 400, { jsonrpc: '2.0', id, error: UNKNOWN });
  if (method === 'tools/call' && behaviour.call) {
    const answer = behaviour.call(message, response, request);
    return answer && json(response, 200, { jsonrpc: '2.0', id, result: resultOf(answer, modern) });
  }
  const result = plainResult(behaviour, message);
  return json(response, 200, {
    jsonrpc: '2.0',
    id,
    ...(result ? { result: resultOf(result, modern) } : { error: UNKNOWN }),
  });
}

const UNKNOWN = { code: -32601, message: 'Method not found' };

const resultOf = (value: object, modern: boolean) => ({ ...(modern && { resultType: 'complete' }), ...value });

function plainResult(behaviour: McpBehaviour, { method, params = {} }: Message): object | undefined {
  const { modern = false, tools = [{ name: 'x', inputSchema: { type: 'object' } }], pages = [tools] } = behaviour;
  const cached = modern ? { ttlMs: 0, cacheScope: 'private' } : {};
  const capabilities = { tools: {} };
  if (method === 'server/discover') return { supportedVersions: ['2026-07-28'], capabilities, ...cached };
  if (method === 'initialize' && !modern) {
    const serverInfo = { name: 'stub', title: 'Stub notes', version: '1' };
    return { protocolVersion: '2025-11-25', capabilities, serverInfo };
  }
  if (method === 'tools/call') return { content: [{ type: 'text', text: 'ok' }] };
  if (method !== 'tools/list') return undefined;
  const page = Number(params.cursor ?? 0);
  const more = behaviour.endless || page + 1 < pages.length;
  return { tools: pages[page % pages.length], ...(more && { nextCursor: String(page + 1) }), ...cached };
}

export function json(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
