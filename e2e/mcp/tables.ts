// An MCP server that books tables, and asks for the number of people.
import type { RunEvent } from '@errand/contracts';
import { asksWithin, type McpBehaviour, type StubMcpServer, startStubMcpServer } from '@errand/integrations/testing';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

const requestedSchema = {
  type: 'object',
  properties: {
    seats: { type: 'integer', minimum: 1, maximum: 8, title: 'How many seats' },
    where: { type: 'string', enum: ['in', 'out'], enumNames: ['Inside', 'On the terrace'], default: 'in' },
  },
  required: ['seats'],
};
export const form = (params: object = {}) => ({
  method: 'elicitation/create',
  params: { mode: 'form', message: 'For how many people?', requestedSchema, ...params },
});
export const asks = (inputRequests: object, requestState?: string) => ({
  resultType: 'input_required',
  inputRequests,
  ...(requestState !== undefined && { requestState }),
});
export const booked = (answer: unknown) => ({ content: [], structuredContent: { booked: answer } });
export type Params = { inputResponses?: Record<string, { action: string; content?: object }>; requestState?: string };
/** Asks for seats, and books with the answer if its state is returned. */
export const books: NonNullable<McpBehaviour['call']> = ({ params, id }, response) => {
  const { inputResponses, requestState } = params as Params;
  if (!inputResponses) return asks({ table: form() }, 'state-4711');
  if (requestState !== 'state-4711') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'bad state' } }));
    return undefined;
  }
  const { action, content } = inputResponses.table!;
  if (action === 'accept') return booked(content);
  return { isError: true, content: [{ type: 'text', text: 'Not booked.' }] };
};
export const book = { name: 'book', title: 'Book a table', inputSchema: { type: 'object' } };
const look = { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };

/** The server and a service with it as an integration, for the tests of a file. It books by default. */
export function useTables() {
  let stub: StubMcpServer;
  let older: StubMcpServer;
  let olderId: string;
  let stack: Stack;
  let api: Api;
  let id: string;
  const behave = (call: McpBehaviour['call']) => stub.behave({ modern: true, tools: [book, look], call });
  beforeAll(async () => {
    stub = await startStubMcpServer();
    older = await startStubMcpServer({ tools: [book, look] });
    stack = await startStack({ seed: false, allow: [stub.origin, older.origin] });
    api = overRest(stack);
    behave(books);
    const service = { name: 'Tables', kind: 'mcp', url: stub.url, enable: 'all', trustHints: true } as const;
    id = (await api.integrations.create(service)).customerIntegrationId;
    const oldService = { ...service, name: 'Old tables', url: older.url };
    olderId = (await api.integrations.create(oldService)).customerIntegrationId;
  });
  beforeEach(() => behave(books));
  afterAll(async () => {
    await stack.close();
    await stub.close();
    await older.close();
  });
  return {
    stub: () => stub,
    stack: () => stack,
    api: () => api,
    id: () => id,
    behave,
    /** The parameters of each call, without the token for progress, which differs each time. */
    calls: () =>
      stub.hits.flatMap(({ rpc, params }): Params[] => {
        if (rpc !== 'tools/call') return [];
        const { _meta, ...sent } = params as Params & { _meta?: { progressToken?: unknown } };
        const { progressToken: _, ...meta } = _meta ?? {};
        return [{ ...sent, ...meta }];
      }),
    /** A run with one call: of `book`, which writes, or of `look`, which reads. */
    booking: (tool = 'book') => oneCall(`${id}.${tool}`),
    /** The same with a server of an earlier revision. */
    oldBooking: (tool: string) => oneCall(`${olderId}.${tool}`),
    /** That server asks within its calls; `received` records the answers. */
    asksInOldCalls(asking: Omit<Parameters<typeof asksWithin>[0], 'tools'>) {
      const { behaviour, seen: received } = asksWithin({ ...asking, tools: [book, look] });
      older.behave(behaviour);
      return { received, calls: () => older.hits.filter(({ rpc }) => rpc === 'tools/call').length };
    },
  };
}

function oneCall(tool: string) {
  const only = { id: 'only', tool };
  const plan = aPlan(only.tool, { steps: [only], result: { $: 'steps.only.output' } });
  return aRun({ intent: 'Book a table', plan });
}

export const inputIn = ({ events }: { events: RunEvent[] }) =>
  events.find((event): event is Extract<RunEvent, { type: 'input' }> => event.type === 'input')!;

export const refused = (status: number, code: string, detail = '') =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({ code, detail: expect.stringContaining(detail) }),
  });
