import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from './history.ts';
import { ITEMS, PAGES } from './plans.ts';
import { seeded } from './random.ts';
import { type Continued, complete, McpParty } from './third-party-mcp.ts';

/** One request that arrived. Its effect, if any, happens when it arrives and is visible from then on. */
export type Arrival = {
  at: number;
  method: string;
  tool: string;
  /** A unique name of the call: the errand, the step, the item. */
  call: string;
  idempotencyKey: string | undefined;
  effect: boolean;
  behaviour: string;
  /** What it was sent, as the contract of the tool names it. */
  args: { body?: unknown; path?: { id: string }; query?: { call: string }; call?: string };
  /** The answer with which a call over MCP goes on after it asked. */
  continued?: Continued;
  /** The token that it carried. */
  token: string | undefined;
};

export type ThirdParty = {
  origin: string;
  arrivals: Arrival[];
  /** Whether a call ever took effect. */
  happened(call: string): boolean;
  /**
   * Holds back the answer to the next call of this errand. Resolves when the call arrives, with a function that lets the answer go;
   * with undefined when the signal aborts.
   */
  keepWaiting(errand: string, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Whether a call of this errand is under way. */
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

/** An answer may have 256 KiB. */
const LARGE_BYTES = 255 * 1024;

/** What it answers to a write that took effect; a human who checks answers the same. */
export const answerTo = (call: string) => ({ id: call, state: 'done' });

/** The token of a user at it. */
export const tokenOf = (userId: string) => `token-of-${userId}`;

type ThirdPartyOptions = {
  alwaysSlow?: boolean | undefined;
  alwaysCalm?: boolean | undefined;
  /** Called with each call, before its answer, and with its connection. */
  onCall?: (call: string, socket: Socket) => void;
};

/**
 * A service that is slow, breaks, hangs, loses its answers and answers 429, as the seed says for each call and attempt.
 * @param alwaysSlow it is only slow: calls are under way most of the time
 */
export async function startThirdParty(
  seed: number,
  history: History,
  { alwaysSlow = false, alwaysCalm = false, onCall }: ThirdPartyOptions = {},
): Promise<ThirdParty> {
  const arrivals: Arrival[] = [];
  const effects = new Set<string>();
  const attempts = new Map<string, number>();
  const inFlight = new Map<string, number>();
  const heldAnswers = new Map<string, (answer: (() => void) | undefined) => void>();
  const mcp = new McpParty(seed);
  let calm = alwaysCalm;

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (request.url === '/openapi.json') return reply(response, 200, documentOf(origin));
    const rpc = request.url === '/mcp' ? mcp.read(request, response, text, calm) : undefined;
    if (request.url === '/mcp' && !rpc) return;
    const { tool, call, args } = rpc ?? callOf(request, text);
    const token = request.headers.authorization?.replace('Bearer ', '');
    const attempt = (attempts.get(call) ?? 0) + 1;
    attempts.set(call, attempt);
    const write = rpc ? rpc.tool === 'book' : request.method !== 'GET';
    const random = seeded(seed, 'third-party', call, attempt);
    const faults = alwaysSlow ? sluggish : write ? writes : reads;
    const isRefused = tool === 'readVault' && token === undefined;
    const behaviour = isRefused ? 'unauthorized' : calm ? 'ok' : random.weighed<string>(faults);
    const effect = write && (!rpc || rpc.continued?.answer.action === 'accept') && !NO_EFFECT.has(behaviour);
    if (effect) effects.add(call);
    const idempotencyKey = rpc ? rpc.idempotencyKey : (request.headers['idempotency-key'] as string | undefined);
    const arrival: Arrival = {
      at: Date.now(),
      method: rpc ? (write ? 'POST' : 'GET') : request.method!,
      tool,
      call,
      idempotencyKey,
      effect,
      behaviour,
      args,
      ...(rpc?.continued && { continued: rpc.continued }),
      token,
    };
    arrivals.push(arrival);
    history.note('third-party', arrival);
    inFlight.set(call, (inFlight.get(call) ?? 0) + 1);
    response.on('close', () => inFlight.set(call, inFlight.get(call)! - 1));
    onCall?.(call, request.socket);
    const errand = errandOf(call);
    const arrived = heldAnswers.get(errand);
    heldAnswers.delete(errand);
    if (arrived) await new Promise<void>((answer) => arrived(answer));
    const items = () => (behaviour === 'large' ? enlarged(itemsOf(call)) : itemsOf(call));
    const answer = rpc
      ? rpc.wrap(write ? mcp.booking(rpc, effect) : complete(items()))
      : write
        ? answerTo(call)
        : items();
    await behave(response, behaviour, random.int(200, 2500), answer);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    arrivals,
    happened: (call) => effects.has(call),
    keepWaiting: (errand, signal) =>
      new Promise((arrived) => {
        heldAnswers.set(errand, arrived);
        signal.addEventListener('abort', () => {
          heldAnswers.delete(errand);
          arrived(undefined);
        });
      }),
    isAnswering: (errand) => [...inFlight].some(([call, n]) => n > 0 && errandOf(call) === errand),
    calm: () => {
      calm = true;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The name of an errand, which its calls begin with. */
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

/** Some items, named after the call so that calls made from them can be distinguished; with the call for the next page, if there is one. */
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
    // Only with a token.
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
