import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExplainedError } from '@errand/basics/explained-error';
import type { Log } from '@errand/ports/log';
import type { Config } from '../config/config.ts';
import { listenFault } from '../http/port.ts';
import { METRICS_TYPE } from './registry.ts';

/** Scrapers are few, and each keeps a connection. */
const MAX_CONNECTIONS = 64;
const REQUEST_MS = 5000;
/** Interval of the look for connections beyond that time, in ms. */
const CHECK_MS = 1000;

export type MetricsPort = {
  /** Absent if the settings have no port. */
  port?: number;
  /** Answers with these metrics from now on. */
  serve: (text: () => Promise<string>) => void;
};

type Options = { log: Pick<Log, 'info'>; closers: Pick<(() => Promise<void>)[], 'push'> };

/**
 * Listens on the port of the settings, if there is one, and answers `GET /metrics` without a key: with 503 until there are metrics.
 * @param closers get a function that closes the port; later ones run before it, so that the process can be watched while it stops
 * @throws ExplainedError if the port or the host cannot be used
 */
export async function openMetricsPort(
  { metricsHost: host, metricsPort }: Pick<Config, 'metricsHost' | 'metricsPort'>,
  { log, closers }: Options,
): Promise<MetricsPort> {
  if (metricsPort === undefined) return { serve: () => {} };
  let read = (): Promise<string> => Promise.reject(new ExplainedError('The service is starting.'));
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS },
    answerWith(() => read()),
  );
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail).listen({ host, port: metricsPort }, done);
    });
  } catch (error) {
    throw listenFault(error, host, metricsPort, { host: 'ERRAND_METRICS_HOST', port: 'ERRAND_METRICS_PORT' });
  }
  closers.push(() => close(server));
  const { port } = server.address() as AddressInfo;
  const serve = (text: () => Promise<string>): void => {
    read = text;
    log.info({ host, port }, 'metrics are served at /metrics');
  };
  return { port, serve };
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

const answerWith =
  (text: () => Promise<string>): RequestListener =>
  ({ method, url }, response) => {
    const end = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
    if (url?.split('?')[0] !== '/metrics') end(404, 'The metrics are at /metrics.\n');
    else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end('Use GET.\n');
    else
      text().then(
        (body) => end(200, body, METRICS_TYPE),
        (error) => end(503, `${error instanceof ExplainedError ? error.message : 'The metrics cannot be read now.'}\n`),
      );
  };
