import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { timeLimit } from '@errand/basics/time-limit';
import type { Json, ToolOutcome, ToolSpec } from '@errand/contracts';
import type { Catalog, Toolbox, ToolRequest } from '@errand/ports/toolbox';

/** A call as the service saw it. */
export type ReceivedCall = { operation: string; args: Json; idempotencyKey: string | undefined };

/** What the service does with a call; answers JSON by default. */
export type Behaviour = (
  seen: ReceivedCall,
  request: IncomingMessage,
  response: ServerResponse,
) => Json | Promise<Json> | undefined;

/** A third party on loopback whose every call is recorded, and a toolbox that reaches it over real HTTP. */
export async function startService(behaviours: Record<string, Behaviour> = {}) {
  const received: ReceivedCall[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call: ReceivedCall = {
      operation: request.url!.slice(1),
      args: JSON.parse(Buffer.concat(chunks).toString() || '{}') as Json,
      idempotencyKey: request.headers['idempotency-key'] as string | undefined,
    };
    received.push(call);
    const answer = await (behaviours[call.operation] ?? ((c) => ({ echo: c.args })))(call, request, response);
    if (answer === undefined || response.writableEnded || response.destroyed) return;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    seen: received,
    behaviours,
    calls: (operation: string) => received.filter((call) => call.operation === operation).length,
    toolbox: toolboxOf(url),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const INTEGRATION = 'svc_0000000a';

/** A tool of the service; any arguments are allowed. */
const aTool = (operation: string, overrides: Partial<ToolSpec> = {}): ToolSpec => ({
  name: `${INTEGRATION}.${operation}`,
  customerIntegrationId: INTEGRATION,
  integrationName: 'Service',
  operation,
  description: operation,
  method: 'POST',
  path: `/${operation}`,
  inputSchema: { type: 'object' },
  enabled: true,
  effect: 'read',
  idempotent: false,
  fingerprint: operation,
  call: null,
  ...overrides,
});

const tools: ToolSpec[] = [
  aTool('look'),
  aTool('find'),
  aTool('make', { effect: 'write' }),
  aTool('put', { effect: 'write', idempotent: true }),
];

function toolboxOf(url: string): Toolbox & { listing: { tools: ToolSpec[] } } {
  const listing = { tools: [...tools] };
  return {
    listing,
    catalog: async (workspaceId) => catalogOf(workspaceId, listing.tools),
    missingCredentials: async () => [],
    sealState: (_workspaceId, _requestId, state) => Buffer.from(state.reveal()),
    approvalFloor: () => 'NONE',
    call: (request) => call(url, request),
  };
}

/** A list of tools as runs are given them. */
const catalogOf = (workspaceId: string, list: readonly ToolSpec[]): Catalog => ({
  workspaceId,
  named: async (names) => list.filter(({ name }) => names.includes(name)),
  names: async () => list.map(({ name }) => name),
  unusable: async () => new Map(),
  disabledTools: async () => [],
  observedOutputSchemas: async () => ({}),
  sets: [],
  instructions: [],
});

async function call(url: string, request: ToolRequest): Promise<ToolOutcome> {
  const key = request.idempotencyKey;
  try {
    const response = await fetch(`${url}/${request.tool.operation}`, {
      method: 'POST',
      body: JSON.stringify(request.args),
      headers: { ...(key !== undefined && { 'idempotency-key': key }) },
      signal: AbortSignal.any([request.signal, timeLimit(request.timeoutMs)]),
    });
    const output = (await response.json()) as Json;
    if (response.ok) return { ok: true, output, status: response.status };
    const effectKnown = response.status < 500 ? 'no' : 'unknown';
    return {
      ok: false,
      code: 'upstream_error',
      message: `The service answered ${response.status}.`,
      retryable: response.status >= 500,
      effectKnown: effectKnown,
      output,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The call failed.';
    return { ok: false, code: 'upstream_unreachable', message, retryable: true, effectKnown: 'unknown' };
  }
}
