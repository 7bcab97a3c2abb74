import { readFileSync } from 'node:fs';
import {
  documentFile,
  type ExtendMcpServer,
  errorAnswerOptions,
  type MountDeps,
  mountApi,
  mountHtmlProblems,
  mountReference,
  mountServiceRoutes,
} from '@errand/api';
import { mountProblems, serverOptions } from '@errand/trpc-openapi';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { logRequests } from '../log.ts';

export type HttpDeps = MountDeps & {
  log: Logger;
  ping: () => Promise<unknown>;
  /** Aborted when the process begins to stop. It may serve requests for some time from then on. */
  signal: AbortSignal;
  /** Maximum requests of a key per minute; the API has a default. */
  rateLimit?: number;
  /** Number of proxies before this process. Each adds an entry to X-Forwarded-For; other entries are ignored. */
  trustedProxies: number;
  extendMcpServer?: ExtendMcpServer;
};

/** The HTTP server: the API over REST, SSE, tRPC and MCP, its document and reference, and the pages about the service. */
export function createHttp({
  log,
  ping,
  signal,
  rateLimit,
  trustedProxies,
  extendMcpServer,
  ...deps
}: HttpDeps): FastifyInstance {
  const trustProxy = trustedProxies > 0 && ((_: string, hop: number) => hop < trustedProxies);
  const options = Object.assign(serverOptions(errorAnswerOptions), { trustProxy });
  const fastify = Fastify(options);
  const onError = ({ error, req, name }: { error: unknown; req: { id: string }; name: string | undefined }) =>
    log.error({ err: error, requestId: req.id, operation: name }, 'unexpected error');
  mountHtmlProblems(fastify);
  mountProblems(fastify, { ...errorAnswerOptions, onError, leaving: signal });
  const { principalOf } = mountApi(fastify, deps, { onError, rateLimit, extendMcpServer });
  logRequests(fastify, log, principalOf);
  const { clientDocument } = deps.connector;
  mountServiceRoutes(fastify, { document: readFileSync(documentFile, 'utf8'), clientDocument, ping, signal });
  mountReference(fastify);
  return fastify;
}
