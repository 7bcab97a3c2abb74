// Limits of the HTTP server, and answers to bytes that are not a request.
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { FastifyServerOptions } from 'fastify';
import { ProblemError } from './contract.ts';
import { instanceOf, privateHeaders, sendProblem } from './mount-problems.ts';
import { createProblemRenderer, type ProblemOptions } from './problem.ts';

export type ServerLimits = {
  /** Bytes of a body; default 1 MiB. */
  readonly bodyLimit?: number;
  /** Milliseconds in which a whole request must have arrived; default 30 000. */
  readonly requestTimeout?: number;
  /** Milliseconds in which its headers must have arrived; default 10 000. */
  readonly headersTimeout?: number;
  /** Milliseconds between checks of those two; default 1 000. */
  readonly connectionsCheckingInterval?: number;
  /** Bytes of request line and headers together; default 16 KiB. */
  readonly maxHeaderSize?: number;
  /** Characters of one path parameter as sent (percent-encoded); default 1 024. */
  readonly maxParamLength?: number;
};

type ServerOptions = FastifyServerOptions & { http: Record<string, number | boolean> };

const MAX_HEADER_SIZE = 16 * 1024;
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** The caller's own id when it is a short token, so that it is safe in logs and headers; else a new one. */
const toRequestId = (req: IncomingMessage): string => {
  const requestId = req.headers['x-request-id'];
  return typeof requestId === 'string' && REQUEST_ID.test(requestId) ? requestId : randomUUID();
};

/** Options for `Fastify()`; spread them and add your own (logger, trustProxy …). */
export function serverOptions(options: ProblemOptions & ServerLimits = {}): ServerOptions {
  const problems = createProblemRenderer(options);
  return {
    bodyLimit: options.bodyLimit ?? 1024 * 1024,
    requestTimeout: options.requestTimeout ?? 30_000,
    http: {
      headersTimeout: options.headersTimeout ?? 10_000,
      connectionsCheckingInterval: options.connectionsCheckingInterval ?? 1000,
      maxHeaderSize: options.maxHeaderSize ?? MAX_HEADER_SIZE,
      // Node would answer without a body; `mountProblems` answers instead.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: options.maxParamLength ?? 1024 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: toRequestId,
    frameworkErrors: (error, req, reply) => {
      const { problem, headers } = problems.answer(error, instanceOf(req.id));
      void sendProblem(reply.header('x-request-id', req.id), problem, headers);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, options),
  };
}

type ClientError = Error & { code?: string; rawPacket?: unknown };

/** Answers a connection that sent no valid request, and closes it. */
function answerClientError(
  error: ClientError,
  socket: IncomingMessage['socket'],
  options: ProblemOptions & ServerLimits,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const id = randomUUID();
  const { problem } = createProblemRenderer(options).answer(
    clientProblem(error, options.maxHeaderSize ?? MAX_HEADER_SIZE),
    instanceOf(id),
  );
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      ...Object.entries(privateHeaders).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    // A peer that keeps sending would keep the socket.
    () => socket.destroy(),
  );
}

function clientProblem({ code, rawPacket }: ClientError, limit: number): ProblemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ProblemError('request_timeout', 'The request did not arrive in time.');
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    // Node has one limit for both; a request line beyond it is recognised by where it ends in the packet.
    const inRequestLine = Buffer.isBuffer(rawPacket) && hasLongRequestLine(rawPacket, limit);
    return inRequestLine
      ? new ProblemError('uri_too_long', 'The URL is too long.')
      : new ProblemError('headers_too_large', 'The headers are too large.');
  }
  return new ProblemError('bad_request', 'The connection did not send an HTTP request.');
}

function hasLongRequestLine(packet: Buffer, limit: number): boolean {
  const end = packet.indexOf('\r\n');
  return /^[A-Z]+ \//.test(packet.toString('latin1', 0, 16)) && (end < 0 ? packet.length : end) > limit;
}
