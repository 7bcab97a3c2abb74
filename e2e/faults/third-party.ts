import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from './history.ts';
import { ITEMS, PAGES } from './plans.ts';
import { type Random, seeded } from './random.ts';
import { type Continued, complete, type McpCall, McpParty } from './third-party-mcp.ts';

/** One request that arrived. Its effect, if any, happens on arrival and is visible from then on. */
export type Arrival = {
  at: number;
  method: string;
  tool: string;
  /** A unique name of the call: the errand, the step, the item. */
  call: string;
  idempotencyKey: string | undefined;
  effect: boolean;
  behaviour: string;
  /** Its content, by the names in the contract of the tool. */
  args: { body?: unknown; path?: { id: string }; query?: { call: string }; call?: string };
  /** The answer with which a call over MCP continues after it asked. */
  continued?: Continued;
  token: string | undefined;
};

export type ThirdParty = {
  origin: string;
  arrivals: Arrival[];
  /** Whether a call ever took effect. */
  happened(call: string): boolean;
  /**
   * Delays the answer to the next call of this errand. Resolves on its arrival with a function that releases the answer, or with
   * undefined when the signal aborts.
   */
  keepWaiting(errand: string, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Whether a call of this errand is in flight. */
  isAnswering(errand: string): boolean;
  /** From now on it answers every request at once and without faults. */
  calm(): void;
  close(): Promise<void>;
};

const reads = { ok: 70, large: 4, slow: 10, error: 4, hang: 2, lost: 5, busy: 5 };
const sluggish = { ok: 10, slow: 90 };
const writes = { ok: 62, slow: 12, refused: 2, errorBefore: 3, errorAfter: 4, hang: 5, lost: 7, busy: 5 };

/** Behaviours under which a write takes no effect. */
const NO_EFFECT = new Set(['refused', 'errorBefore', 'busy']);

/** Just below the 256 KiB limit of an answer. */
const LARGE_BYTES = 255 * 1024;

/** The answer to a write that took effect; a human who checks answers the same. */
export const answerTo = (call: string) => ({ id: call, state: 'done' });

export const tokenOf = (userId: string) => `token-of-${userId}`;

type ThirdPartyOptions = {
  alwaysSlow?: boolean | undefined;
  alwaysCalm?: boolean | undefined;
  /** Called with each call and its connection, before its answer. */
  onCall?: (call: string, socket: Socket) => void;
};

/**
 * A service that is slow, breaks, hangs, loses its answers and answers 429, by the seed for each call and attempt.
 * @param alwaysSlow it is only slow: most of the time calls are in flight
 */
export async function startThirdParty(
  seed: number,
  history: History,
  options: ThirdPartyOptions = {},
): Promise<ThirdParty> {
  const calls = new ReceivedCalls(seed, options);
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (request.url === '/openapi.json') return reply(response, 200, documentOf(origin));
    const rpc = request.url === '/mcp' ? calls.mcp.read(request, response, text, calls.isCalm) : undefined;
    if (request.url === '/mcp' && !rpc) return;
    const { arrival, random } = calls.receive(request, text, rpc);
    history.note('third-party', arrival);
    calls.trackUntilClosed(arrival.call, response);
    options.onCall?.(arrival.call, request.socket);
    await calls.untilReleased(arrival.call);
    await behave(response, arrival.behaviour, random.int(200, 2500), calls.answerOf(arrival, rpc));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    arrivals: calls.arrivals,
    happened: (call) => calls.effects.has(call),
    keepWaiting: (errand, signal) => calls.keepWaiting(errand, signal),
    isAnswering: (errand) => calls.isAnswering(errand),
    calm: () => {
      calls.isCalm = true;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The calls that the third party has received, with their effects, and its behaviour by the seed. */
class ReceivedCalls {
  readonly arrivals: Arrival[] = [];
  readonly effects = new Set<string>();
  readonly mcp: McpParty;
  isCalm: boolean;
  readonly #seed: number;
  readonly #isAlwaysSlow: boolean;
  readonly #attempts = new Map<string, number>();
  readonly #inFlight = new Map<string, number>();
  /** Called when the next call of an errand arrives. */
  readonly #onArrival = new Map<string, (release: (() => void) | undefined) => void>();

  constructor(seed: number, { alwaysSlow = false, alwaysCalm = false }: ThirdPartyOptions) {
    this.#seed = seed;
    this.#isAlwaysSlow = alwaysSlow;
    this.isCalm = alwaysCalm;
    this.mcp = new McpParty(seed);
  }

  /** Records a call with its behaviour and effect. @returns it, and the numbers of this attempt */
  receive(request: IncomingMessage, text: string, rpc?: McpCall): { arrival: Arrival; random: Random } {
    const { tool, call, args } = rpc ?? callOf(request, text);
    const attempt = (this.#attempts.get(call) ?? 0) + 1;
    this.#attempts.set(call, attempt);
    const random = seeded(this.#seed, 'third-party', call, attempt);
    const method = rpc ? methodOf(rpc) : request.method!;
    const token = request.headers.authorization?.replace('Bearer ', '');
    const isRefused = tool === 'readVault' && token === undefined;
    const behaviour = isRefused ? 'unauthorized' : this.#behaviourOf(method, random);
    const isAccepted = !rpc || rpc.continued?.answer.action === 'accept';
    const arrival: Arrival = {
      at: Date.now(),
      method,
      tool,
      call,
      idempotencyKey: rpc ? rpc.idempotencyKey : (request.headers['idempotency-key'] as string | undefined),
      effect: method !== 'GET' && isAccepted && !NO_EFFECT.has(behaviour),
      behaviour,
      args,
      ...(rpc?.continued && { continued: rpc.continued }),
      token,
    };
    if (arrival.effect) this.effects.add(call);
    this.arrivals.push(arrival);
    return { arrival, random };
  }

  #behaviourOf(method: string, random: Random): string {
    if (this.isCalm) return 'ok';
    if (this.#isAlwaysSlow) return random.weighed<string>(sluggish);
    return random.weighed<string>(method === 'GET' ? reads : writes);
  }

  /** The answer to a call that is not rejected. */
  answerOf({ method, call, behaviour, effect }: Arrival, rpc?: McpCall): unknown {
    if (method !== 'GET') return rpc ? rpc.wrap(this.mcp.booking(rpc, effect)) : answerTo(call);
    const items = behaviour === 'large' ? enlarged(itemsOf(call)) : itemsOf(call);
    return rpc ? rpc.wrap(complete(items)) : items;
  }

  trackUntilClosed(call: string, response: ServerResponse): void {
    const count = (change: number) => this.#inFlight.set(call, (this.#inFlight.get(call) ?? 0) + change);
    count(1);
    response.on('close', () => count(-1));
  }

  isAnswering(errand: string): boolean {
    return [...this.#inFlight].some(([call, n]) => n > 0 && errandOf(call) === errand);
  }

  keepWaiting(errand: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    return new Promise((arrived) => {
      this.#onArrival.set(errand, arrived);
      signal.addEventListener('abort', () => {
        this.#onArrival.delete(errand);
        arrived(undefined);
      });
    });
  }

  /** Waits until the answer may go, if its errand is kept waiting. */
  async untilReleased(call: string): Promise<void> {
    const errand = errandOf(call);
    const arrived = this.#onArrival.get(errand);
    this.#onArrival.delete(errand);
    if (arrived) await new Promise<void>((release) => arrived(release));
  }
}

const methodOf = ({ tool }: McpCall): string => (tool === 'book' ? 'POST' : 'GET');

/** The name of an errand is the first word of its calls. */
const errandOf = (call: string) => call.split(' ', 1)[0]!;

async function behave(response: ServerResponse, behaviour: string, ms: number, answer: unknown): Promise<void> {
  switch (behaviour) {
    case 'lost':
      return void response.destroy();
    case 'hang':
      await sleep(ms * 2, undefined, { ref: false });
      return void response.destroy();
    case 'slow':
      await sleep(ms, undefined, { ref: false });
      return reply(response, 200, answer);
    case 'busy':
      return void response.writeHead(429, { 'retry-after': '1' }).end();
    case 'unauthorized':
      return reply(response, 401, { error: 'Who are you?' });
    case 'refused':
      return reply(response, 409, { error: 'No.' });
    case 'ok':
    case 'large':
      return reply(response, 200, answer);
    default:
      return reply(response, 500, { error: 'Broken.' });
  }
}

const reply = (response: ServerResponse, status: number, value: unknown) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** Many small objects take much more memory than their text: as many as an answer may have, in bytes. */
const enlarged = (answer: unknown) => ({ ...(answer as object), rest: Array(LARGE_BYTES / 3).fill({}) });

function callOf(request: IncomingMessage, text: string): Pick<Arrival, 'tool' | 'call' | 'args'> {
  const url = new URL(request.url!, 'http://127.0.0.1');
  const [, tool, inPath] = url.pathname.split('/') as [string, string, string?];
  if (request.method === 'GET') {
    const call = url.searchParams.get('call')!;
    return { tool, call, args: { query: { call } } };
  }
  const body = JSON.parse(text) as { call: string };
  if (inPath === undefined) return { tool, call: body.call, args: { body } };
  const id = decodeURIComponent(inPath);
  return { tool, call: id, args: { path: { id }, body } };
}

/** Some items named after the call, so that later calls can be distinguished; with the call for the next page, if any. */
const itemsOf = (call: string) => {
  const [errand, step, page = 'p1'] = call.split(' ');
  const next = Number(page.slice(1)) + 1;
  return {
    items: Array.from({ length: ITEMS }, (_, n) => ({ id: `${errand}-${n}`, amount: n })),
    ...(step === 'paged' && next <= PAGES && { next: `${errand} ${step} p${next}` }),
  };
};

const string = { type: 'string' };
const body = (properties: object) => ({
  required: true,
  content: { 'application/json': { schema: { type: 'object', properties, required: Object.keys(properties) } } },
});
const answers = (schema: object) => ({ 200: { description: 'Done', content: { 'application/json': { schema } } } });
const done = answers({ type: 'object', properties: { id: string, state: string }, required: ['id', 'state'] });

const documentOf = (origin: string) => ({
  openapi: '3.1.0',
  info: { title: 'Ledger of notes', version: '1' },
  servers: [{ url: origin }],
  paths: {
    '/listItems': {
      get: {
        operationId: 'listItems',
        summary: 'List items',
        parameters: [{ name: 'call', in: 'query', required: true, schema: string }],
        responses: answers({ type: 'object' }),
      },
    },
    // Requires a token.
    '/readVault': {
      get: {
        operationId: 'readVault',
        summary: 'Read the vault',
        parameters: [{ name: 'call', in: 'query', required: true, schema: string }],
        responses: answers({ type: 'object' }),
      },
    },
    // Not idempotent: each request makes one more.
    '/addNote': {
      post: { operationId: 'addNote', summary: 'Add a note', requestBody: body({ call: string }), responses: done },
    },
    '/putRecord/{id}': {
      put: {
        operationId: 'putRecord',
        summary: 'Put a record',
        parameters: [{ name: 'id', in: 'path', required: true, schema: string }],
        requestBody: body({ value: string }),
        responses: done,
      },
    },
  },
});
