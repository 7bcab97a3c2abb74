// The MCP server of the third party, in the newest revision: `book` asks the user something before it acts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { seeded } from './random.ts';

/** The answer with which a booking continues after it asked. */
export type Continued = { state: string; answer: { action: string; content?: { side?: string } } };

/** A call of a tool. `continued`: absent at the start. */
export type McpCall = {
  tool: 'list_items' | 'book';
  call: string;
  args: { call: string };
  idempotencyKey: string | undefined;
  continued?: Continued;
  /** Wraps a result in the answer to the protocol's request. */
  wrap: (result: unknown) => object;
};

type Message = {
  id?: number;
  method?: string;
  params?: {
    name?: string;
    arguments?: { call: string };
    _meta?: { idempotencyKey?: string };
    requestState?: string;
    inputResponses?: { side?: Continued['answer'] };
  };
};

const tools = [
  { name: 'list_items', title: 'List items', annotations: { readOnlyHint: true } },
  { name: 'book', title: 'Book a seat' },
].map((tool) => ({
  ...tool,
  inputSchema: { type: 'object', properties: { call: { type: 'string' } }, required: ['call'] },
}));

export const sides = ['left', 'right'] as const;
const side = { type: 'string', enum: sides };

/** Its request. The text contains the expected state, so that a check can match both. */
const asks = (state: string) => ({
  resultType: 'input_required',
  inputRequests: {
    side: {
      method: 'elicitation/create',
      params: {
        mode: 'form',
        message: `Which side (${state})?`,
        requestedSchema: { type: 'object', properties: { side }, required: ['side'] },
      },
    },
  },
  requestState: state,
});

/** The state in the text of a request. */
export const stateIn = (text: string): string | undefined => /\((.+)\)\?$/.exec(text)?.[1];

/** Handles the protocol, and returns the called tool. Handshakes are lost, too, until it is calm. */
export class McpParty {
  readonly #seed: number;
  #greetings = 0;
  #states = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @returns the call in a request; undefined when the request was answered */
  read({ url }: IncomingMessage, response: ServerResponse, text: string, calm: boolean): McpCall | undefined {
    if (url !== '/mcp' || text === '') return void response.writeHead(405).end();
    const { id, method = '', params = {} } = JSON.parse(text) as Message;
    const wrap = (result: unknown) => ({ jsonrpc: '2.0', id, result });
    const say = (result: object) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(wrap({ ...result, resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'private' })));
    if (method === 'tools/list') return say({ tools });
    if (method === 'server/discover') {
      const lost = !calm && seeded(this.#seed, 'greeting', ++this.#greetings).chance(0.05);
      if (lost) return void response.destroy();
      return say({ supportedVersions: ['2026-07-28'], capabilities: { tools: {} } });
    }
    if (method !== 'tools/call') return void response.writeHead(202).end();
    const { name, arguments: args, _meta, requestState: state, inputResponses } = params;
    const continued = state !== undefined && {
      continued: { state, answer: inputResponses?.side ?? { action: 'none' } },
    };
    return {
      tool: name as McpCall['tool'],
      call: args!.call,
      args: args!,
      idempotencyKey: _meta?.idempotencyKey,
      ...continued,
      wrap: (result) => wrap(result),
    };
  }

  /** The answer to a booking: a request first, then the booking. @param effect whether it took place */
  booking({ call, continued }: McpCall, effect: boolean): object {
    if (!continued) return asks(`${call} ${++this.#states}`);
    if (!effect) return { resultType: 'complete', isError: true, content: [{ type: 'text', text: 'Not booked.' }] };
    return complete({ id: call, state: 'done', side: continued.answer.content?.side });
  }
}

export const complete = (value: unknown) => ({ resultType: 'complete', content: [], structuredContent: value });
