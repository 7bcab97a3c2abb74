// An operation of the contract over the wire, and the bytes of the answer.
import type { Operation } from './id-fields.ts';

export type Answer = { status: number; headers: Headers; text: string };
/** A caller by its key, by other headers, or by both. */
export type Sender = { url: string; apiKey?: string; headers?: Readonly<Record<string, string>> };
export type Send = (caller: Sender, operation: Operation, input: unknown) => Promise<Answer>;

type Fields = Record<string, unknown>;

/** Over REST; for a subscription over SSE, until the server closes or pauses. */
export const overRest: Send = (caller, { http }, input) => {
  const rest = { ...(input as Fields) };
  const take = (name: string) => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const path = http.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(take(name))));
  const headers = Object.entries(http.headers ?? {}).flatMap(([header, name]) => {
    const value = take(name);
    return value === undefined ? [] : [[header, String(value)] as [string, string]];
  });
  const hasBody = http.method !== 'GET' && http.method !== 'DELETE';
  const inQuery = hasBody ? Object.fromEntries((http.query ?? []).map((name) => [name, take(name)])) : rest;
  const query = new URLSearchParams(Object.entries(inQuery).flatMap(([name, value]) => pairs(name, value)));
  return ask(caller, `${path}${query.size > 0 ? `?${query}` : ''}`, {
    method: http.method,
    headers: Object.fromEntries(headers),
    ...(hasBody && { body: JSON.stringify(rest) }),
  });
};

function pairs(name: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((each) => [name, String(each)]);
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).map(([key, each]) => [`${name}[${key}]`, String(each)]);
}

type SendByName = (caller: Sender, operation: Pick<Operation, 'name' | 'kind'>, input: unknown) => Promise<Answer>;

const overTrpcAt =
  (prefix: string): SendByName =>
  (caller, { name, kind }, input) => {
    const path = `${prefix}/${name}`;
    if (kind === 'mutation') return ask(caller, path, { method: 'POST', body: JSON.stringify(input) });
    return ask(caller, `${path}?input=${encodeURIComponent(JSON.stringify(input))}`, {
      headers: kind === 'subscription' ? { accept: 'text/event-stream' } : {},
    });
  };

/** Over tRPC; for a subscription until the server closes or pauses. */
export const overTrpc = overTrpcAt('/trpc');

/** As the console. */
export const overConsole = overTrpcAt('/console/trpc');

async function ask(caller: Sender, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(caller.url + path, {
    ...init,
    signal: AbortSignal.timeout(15_000),
    headers: {
      ...(caller.apiKey !== undefined && { 'x-api-key': caller.apiKey }),
      ...caller.headers,
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
      ...(init.headers as Record<string, string>),
    },
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const { status, headers } = response;
  return { status, headers, text: isStream ? await untilQuiet(response) : await response.text() };
}

const QUIET_MS = 300;

/** The bytes of a stream until it pauses. */
async function untilQuiet(response: Response): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const quiet = () => new Promise<void>((resolve) => setTimeout(resolve, QUIET_MS));
  let text = '';
  for (let first = true; ; first = false) {
    const pending = reader.read();
    const step = await (first ? pending : Promise.race([pending, quiet()]));
    if (!step || step.done) {
      void reader.cancel().catch(() => {});
      return text;
    }
    text += step.value;
  }
}
