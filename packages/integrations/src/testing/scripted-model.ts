import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { asEventStream, eventsOf } from './model-streams.ts';
import {
  bodyOf,
  errorOf,
  isStreamed,
  type ModelWire,
  messagesOf,
  modelOf,
  type WireAnswer,
  type WireMessage,
  wireOf,
} from './model-wires.ts';

/** A received request, in one form for all wire formats. */
export type ScriptedRequest = {
  wire: ModelWire;
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  model: string;
  messages: readonly WireMessage[];
  /** The text of all system messages, and of the last message of the user. */
  system: string;
  user: string;
};

/** An answer of the model: text, or a value that is written as JSON. A bare string is its text. */
export type ScriptedAnswer =
  | string
  | {
      text?: string;
      json?: unknown;
      finish?: 'stop' | 'length' | 'refusal';
      usage?: WireAnswer['usage'];
      delayMs?: number;
      /** The answer is not streamed, whatever was asked. */
      plain?: boolean;
    }
  /** An HTTP error in the format's own form. */
  | { status: number; message?: string; headers?: Record<string, string> }
  /** Status 200 with this body, whatever it is. */
  | { raw: string; contentType?: string }
  /** The answer is written by the script. */
  | { write: (outgoing: ServerResponse) => void }
  /** hang: never answers. drop: cuts the connection. */
  | { broken: 'hang' | 'drop' };

export type ScriptEntry = ScriptedAnswer | ((request: ScriptedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** A list of entries is answered one a request; a function answers every request. */
export type Conversation =
  | readonly ScriptEntry[]
  | ((request: ScriptedRequest, index: number) => ScriptedAnswer | Promise<ScriptedAnswer>);

export type ScriptedModel = {
  /** Base URL for any provider of the model planner. */
  url: string;
  /** All that was asked so far, the oldest first. */
  requests: readonly ScriptedRequest[];
  close(): Promise<void>;
};

/**
 * Serves a model endpoint on 127.0.0.1 that answers from a script, in the wire formats of OpenAI (chat completions and
 * responses), Anthropic and Google, as the path says, streamed where that is asked for. After the last entry it answers 400, which no client tries again.
 */
export async function startScriptedModel(conversation: Conversation): Promise<ScriptedModel> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) send(outgoing, 400, errorOf('chat', 400, `The script broke: ${String(error)}`));
    });
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? '/', 'http://127.0.0.1').pathname;
    const wire = wireOf(path);
    if (!wire || incoming.method !== 'POST')
      return send(outgoing, 404, errorOf('chat', 404, `No model endpoint at ${incoming.method} ${path}.`));
    const request = await readRequest(incoming, wire, path);
    const index = requests.push(request) - 1;
    const entry =
      typeof conversation === 'function'
        ? await conversation(request, index)
        : await next(conversation[index], request, index);
    await play(entry, request, outgoing);
  }

  server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function next(entry: ScriptEntry | undefined, request: ScriptedRequest, index: number): Promise<ScriptedAnswer> {
  if (entry === undefined) return { status: 400, message: `The script ends before request ${index + 1}.` };
  return typeof entry === 'function' ? await entry(request) : entry;
}

async function readRequest(incoming: IncomingMessage, wire: ModelWire, path: string): Promise<ScriptedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  const messages = messagesOf(wire, body);
  return {
    wire,
    path,
    headers: incoming.headers,
    body,
    model: modelOf(wire, path, body),
    messages,
    system: messages.flatMap(({ role, text }) => (role === 'system' ? [text] : [])).join('\n'),
    user: messages.findLast(({ role }) => role === 'user')?.text ?? '',
  };
}

async function play(answer: ScriptedAnswer, request: ScriptedRequest, outgoing: ServerResponse): Promise<void> {
  const { wire, model } = request;
  const entry = typeof answer === 'string' ? { text: answer } : answer;
  if ('broken' in entry) {
    if (entry.broken === 'drop') outgoing.destroy();
    return;
  }
  if ('write' in entry) return entry.write(outgoing);
  if ('raw' in entry) {
    const { raw, contentType = 'application/json' } = entry;
    return void outgoing.writeHead(200, { 'content-type': contentType }).end(raw);
  }
  if ('status' in entry)
    return send(outgoing, entry.status, errorOf(wire, entry.status, entry.message ?? 'Scripted error.'), entry.headers);
  if (entry.delayMs) await wait(entry.delayMs);
  const text = entry.text ?? (entry.json === undefined ? '' : JSON.stringify(entry.json));
  const usage = entry.usage ?? { inputTokens: 100, outputTokens: 10 };
  const whole: WireAnswer = { text, finish: entry.finish ?? 'stop', usage };
  if (entry.plain || !isStreamed(request.path, request.body)) return send(outgoing, 200, bodyOf(wire, model, whole));
  outgoing
    .writeHead(200, { 'content-type': 'text/event-stream' })
    .end(asEventStream(eventsOf(wire, model, whole), wire));
}

const send = (outgoing: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void =>
  void outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
