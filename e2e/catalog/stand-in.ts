// A service made from an entry of the catalogue alone: its documents, its authorization server and its calls, on 127.0.0.1. It notes each
// request that does not obey the entry.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CatalogEntry, type CatalogWay, expandTemplate } from '@errand/contracts';
import { json } from '../fixtures/stub.ts';
import { AuthorizationStandIn, type Received } from './authorization-stand-in.ts';
import { documentOf, operationsOf, type StandInOperation } from './documents.ts';
import { limitAnswer } from './limit-answers.ts';
import { onLoopback } from './loopback-entry.ts';

export const TOKEN = 'tok-0123456789abcdef';
export const USER = { user: 'ada@example.com', password: 'p4ssw0rd' };

export type StandIn = {
  origin: string;
  /** The entry with the addresses of the stand-in. */
  entry: CatalogEntry;
  /** Requests that do not obey the entry. */
  faults: string[];
  /** Successful calls. */
  calls: { operation: string; body: string }[];
  /** Begins the test of a way, with the values of its variables. */
  begin(way: CatalogWay, values: Readonly<Record<string, string>>): void;
  /** The next call reaches a limit. */
  limitCall(): void;
  /** The next write is answered with status 200 and an error. */
  refuseWrite(): void;
  close(): Promise<void>;
};

export async function startStandIn(packed: CatalogEntry): Promise<StandIn> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const entry = onLoopback(packed, origin);
  const service = new Service(entry, origin);
  server.on('request', (request, response) => void service.receive(request, response));
  return {
    origin,
    entry,
    faults: service.faults,
    calls: service.calls,
    begin: (way, values) => service.begin(way, values),
    limitCall: () => service.limitCall(),
    refuseWrite: () => service.refuseWrite(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The operations of an entry with the templates of their paths. */
const allOperations = (entry: CatalogEntry): StandInOperation[] =>
  entry.sources.flatMap((source) => {
    if (source.kind !== 'openapi') return [];
    return source.document ? ownOperations(source.document) : operationsOf(entry, source);
  });

function ownOperations(document: Readonly<Record<string, unknown>>): StandInOperation[] {
  const paths = document.paths as Record<string, Record<string, { operationId: string }>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId: id }]) => ({
      operation: id,
      id,
      method: method.toUpperCase(),
      path,
    })),
  );
}

class Service {
  readonly faults: string[] = [];
  readonly calls: { operation: string; body: string }[] = [];
  readonly #operations: readonly StandInOperation[];
  #way: CatalogWay | undefined;
  #values: Readonly<Record<string, string>> = {};
  #authorization: AuthorizationStandIn | undefined;
  /** Whether the next call reaches a limit. */
  #isLimited = false;
  #refusesWrite = false;

  constructor(
    private readonly entry: CatalogEntry,
    private readonly origin: string,
  ) {
    this.#operations = allOperations(entry);
  }

  begin(way: CatalogWay, values: Readonly<Record<string, string>>): void {
    this.#way = way;
    this.#values = values;
    this.#isLimited = false;
    this.faults.length = 0;
    this.calls.length = 0;
    const { entry, faults, origin } = this;
    this.#authorization = new AuthorizationStandIn({ entry, way, values, faults, origin });
  }

  limitCall(): void {
    this.#isLimited = true;
  }

  refuseWrite(): void {
    this.#refusesWrite = true;
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '/', this.origin);
    const received: Received = { method: request.method ?? '', url, headers: request.headers, body };
    const document = /^\/documents\/(\d+)$/.exec(url.pathname);
    if (document) return this.#sendDocument(Number(document[1]), response);
    // It publishes no metadata of its authorization server.
    if (url.pathname.startsWith('/.well-known/')) return json(response, {}, 404);
    if (this.#authorization?.answer(received, response)) return;
    this.#call(received, response);
  }

  #sendDocument(index: number, response: ServerResponse): void {
    const source = this.entry.sources[index];
    if (source?.kind === 'openapi') json(response, documentOf(this.entry, source));
    else json(response, {}, 404);
  }

  #call(received: Received, response: ServerResponse): unknown {
    const template = this.#way?.baseUrl ?? this.entry.baseUrl ?? '';
    const base = new URL(expandTemplate(template, this.#values) ?? this.origin).pathname.replace(/\/$/, '');
    const { pathname } = received.url;
    const operation = this.#operations.find(
      ({ method, path }) =>
        method === received.method && pathname.startsWith(base) && matches(path, pathname.slice(base.length)),
    );
    if (!operation) return this.#refuse(response, 404, `there is no ${received.method} ${pathname} at ${base}`);
    const fault = [...this.#credentialFaults(received), ...this.#fixedFaults(received, operation)][0];
    if (fault !== undefined) return this.#refuse(response, 401, `${operation.operation}: ${fault}`);
    const { answers, limits } = this.entry.rules ?? {};
    if (this.#isLimited) {
      this.#isLimited = false;
      return limitAnswer(response, limits, answers);
    }
    if (this.#refusesWrite && received.method !== 'GET') {
      this.#refusesWrite = false;
      return json(response, { [answers?.okPath ?? 'ok']: false, [answers?.errorPath ?? 'error']: 'channel_not_found' });
    }
    this.calls.push({ operation: operation.operation, body: received.body });
    json(response, { id: 'thing-1', ...(answers?.okPath && { [answers.okPath]: true }) });
  }

  #refuse(response: ServerResponse, status: number, fault: string): void {
    this.faults.push(fault);
    json(response, { error: fault }, status);
  }

  #credentialFaults({ headers, url }: Received): string[] {
    const way = this.#way;
    const [part, name, value] = credentialOf(way, this.#authorization?.accessToken ?? '');
    if (name === '') return [];
    const sent = part === 'query' ? url.searchParams.get(name) : headers[name.toLowerCase()];
    return sent === value ? [] : [`${part} ${name} is ${JSON.stringify(sent)} instead of ${JSON.stringify(value)}`];
  }

  /** The fixed headers, query parameters and arguments. */
  #fixedFaults({ headers, url }: Received, { operation, path }: StandInOperation): string[] {
    const { headers: fixed = {}, query = {}, arguments: byOperation = {} } = this.entry;
    const expand = (text: string) => expandTemplate(text, this.#values);
    const inHeaders = Object.entries(fixed).filter(([name, text]) => headers[name.toLowerCase()] !== expand(text));
    const inQuery = Object.entries(query).filter(([name, text]) => url.searchParams.get(name) !== expand(text));
    const fixedArguments = { ...byOperation['*'], ...byOperation[operation] };
    const wrong = Object.entries(fixedArguments).filter(([name, value]) => {
      if (value === null) return url.searchParams.has(name);
      const text = expand(String(value));
      if (path.includes(`{${name}}`)) return !url.pathname.includes(`/${text}`);
      return url.searchParams.has(name) && url.searchParams.get(name) !== text;
    });
    return [...inHeaders, ...inQuery, ...wrong].map(([name]) => `${name} is not as the entry fixes it`);
  }
}

function credentialOf(way: CatalogWay | undefined, accessToken: string): ['header' | 'query', string, string] {
  switch (way?.type) {
    case 'API_TOKEN':
      return [way.in, way.name, `${way.prefix}${TOKEN}`];
    case 'BASIC':
      return ['header', 'Authorization', basic(USER.user, USER.password)];
    case 'OAUTH2':
    case 'CLIENT_CREDENTIALS': {
      const {
        in: part,
        name,
        prefix = '',
      } = way.placement ?? {
        in: 'header' as const,
        name: 'Authorization',
        prefix: 'Bearer ',
      };
      return [part, name, `${prefix}${accessToken}`];
    }
    default:
      return ['header', '', ''];
  }
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Whether a path fits a template such as `/issues/{id}.json`. */
function matches(template: string, path: string): boolean {
  const pattern = template.split(/\{[^}]+\}/).map((text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^/]+')}$`).test(path);
}
