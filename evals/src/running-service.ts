import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Secret } from '@errand/contracts';
import type { CallAuth } from '@errand/integrations';
import { openService, type ServiceRequest } from './kit/open-service.ts';
import type { ServiceData } from './kit/service-data.ts';

/** A service while a case runs: it listens on 127.0.0.1 with fresh data. */
export type RunningService = {
  /** Where its operations are called, with its base path. */
  baseUrl: string;
  auth: CallAuth;
  close(): Promise<void>;
};

/** A service that cases plan for. */
export type TestedService = Pick<ServiceData, 'id' | 'name' | 'reads' | 'paging'> & {
  document(): Promise<object>;
  start(): Promise<RunningService>;
};

/** A made-up service, which runs behind its own server. */
export const madeUp = (service: ServiceData): TestedService => ({
  ...service,
  document: async () => service.document,
  start: () => listen(service),
});

export const bearer = (token: string): CallAuth => ({
  type: 'API_TOKEN',
  in: 'header',
  name: 'Authorization',
  prefix: 'Bearer ',
  token: new Secret(token),
});

async function listen(service: ServiceData): Promise<RunningService> {
  const { respond } = openService(service);
  const server = createServer(async (request, response) => {
    const { status, body } = await respond(await requestOf(request));
    response.writeHead(status, body === undefined ? {} : { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  // A connection stays open while the planner thinks.
  server.keepAliveTimeout = 0;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    auth: { type: 'NONE' },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function requestOf(request: IncomingMessage): Promise<ServiceRequest> {
  const { pathname, searchParams } = new URL(request.url!, 'http://127.0.0.1');
  const query: ServiceRequest['query'] = {};
  for (const key of new Set(searchParams.keys())) {
    const values = searchParams.getAll(key);
    query[key] = values.length > 1 ? values : values[0]!;
  }
  const sent = await text(request);
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return {
    method: request.method!,
    path: decodeURIComponent(pathname),
    query,
    body: sent === '' ? undefined : form ? Object.fromEntries(new URLSearchParams(sent)) : JSON.parse(sent),
  };
}
