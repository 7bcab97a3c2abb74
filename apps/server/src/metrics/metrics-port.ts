import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExplainedError } from '@errand/basics/explained-error';
import type { Log } from '@errand/ports/log';
import type { Config } from '../config/config.ts';
import { listenFault } from '../http/port.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** Scrapers are few, and each keeps a connection. */
const MAX_CONNECTIONS = 64;
const REQUEST_MS = 5000;

/**
 * Answers `GET /metrics` without a key, at the port of the settings.
 * @returns a function that closes it @throws ExplainedError if the port or the host cannot be used
 */
export async function openMetricsPort(
  { metricsHost: host, metricsPort: port = 0 }: Pick<Config, 'metricsHost' | 'metricsPort'>,
  text: () => Promise<string>,
  log: Pick<Log, 'info'>,
): Promise<() => Promise<void>> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, answerWith(text));
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail).listen({ host, port }, done);
    });
  } catch (error) {
    throw listenFault(error, host, port, { host: 'ERRAND_METRICS_HOST', port: 'ERRAND_METRICS_PORT' });
  }
  log.info({ host, port: (server.address() as AddressInfo).port }, 'metrics are served at /metrics');
  return () =>
    new Promise<void>((done) => {
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
        (error) =>
          end(503, `${error instanceof ExplainedError ? error.message : 'The metrics cannot be read now.'}\n`),
      );
  };
