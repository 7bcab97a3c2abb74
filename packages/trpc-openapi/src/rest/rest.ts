// Mounts the REST routes of a router on a Fastify server.
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AnyTRPCRouter } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { ProblemError } from '../contract.ts';
import { isTextParts, Raw } from '../handler-result.ts';
import { setRequestId } from '../implement.ts';
import { type ErrorAnswerOptions, instanceOf, mountProblems } from '../mount-problems.ts';
import { createInputReader, hasBody } from './input.ts';
import { toTextBody } from './large-text.ts';
import { RestTransport } from './rest-transport.ts';
import { type ServedRoute, servedRoutes } from './route.ts';
import { type StreamOptions, Streams, sseHeaders, streamAnswer } from './streams.ts';

/** Creates the context of a request. It may use `reply` only to set headers. */
export type CreateContext = (request: {
  req: FastifyRequest;
  reply: Pick<FastifyReply, 'headers' | 'raw'>;
  name: string | undefined;
  /** How many calls the request makes: several in a batch of tRPC. */
  calls: number;
}) => object | Promise<object>;

export type RestOptions = ErrorAnswerOptions &
  StreamOptions & {
    /** A router of `implement`, or any tRPC 11 router whose procedures carry `meta.openapi`, or both merged. */
    readonly router: AnyTRPCRouter;
    readonly createContext: CreateContext;
    /**
     * How long a stream delays its head for the first item of a plain generator, so that an error can still have a
     * status; default 1 000 ms. A handler that returns a promise of its iterable opens the stream by fulfilling it.
     */
    readonly openAfterMs?: number;
  };

const JSON_TYPE = 'application/json; charset=utf-8';
/** A larger body is parsed in its own turn of the event loop, so that other requests are served before and after it. */
const LARGE_BODY = 512 * 1024;

/**
 * Adds the REST routes, the error answers and the event streams to a server.
 * @param fastify an instance made with `serverOptions()`, before it listens
 */
export function mountRest(fastify: FastifyInstance, options: RestOptions): void {
  mountProblems(fastify, options);
  const streams = new Streams(options);
  fastify.addHook('preClose', async () => streams.close());
  for (const route of servedRoutes(options.router)) mountRoute(fastify, route, options, streams);
}

function mountRoute(fastify: FastifyInstance, route: ServedRoute, options: RestOptions, streams: Streams): void {
  const { http, kind } = route;
  const readRequest = createInputReader(route);
  const contextOf = async (req: FastifyRequest, reply: FastifyReply): Promise<object> => {
    const created = options.createContext({ req, reply, name: route.name, calls: 1 });
    const ctx = created instanceof Promise ? await created : created;
    setRequestId(ctx, instanceOf(req.id));
    return ctx;
  };
  const answer = kind === 'subscription' ? streamAnswer(route, options, streams) : sendResult(options.stallMs);
  const run = async (req: FastifyRequest, reply: FastifyReply) => {
    const transport = new RestTransport(reply, http.status ?? 200);
    const readInput = isLarge(req.body) ? () => readInOwnTurn(() => readRequest(req)) : () => readRequest(req);
    const result = route.run(await contextOf(req, reply), readInput, transport);
    return answer(result, reply, transport);
  };
  const head = async (req: FastifyRequest, reply: FastifyReply) => {
    if (!route.prepare) {
      throw new ProblemError('method_not_allowed', 'This path does not accept HEAD.', {
        remedy: 'Use GET.',
        headers: { allow: 'GET' },
      });
    }
    await route.prepare(await contextOf(req, reply), () => readRequest(req));
    const headers = kind === 'subscription' ? sseHeaders : { 'content-type': JSON_TYPE };
    return reply
      .code(http.status ?? 200)
      .headers(headers)
      .send('');
  };
  // Fastify answers HEAD with the GET handler. A handler that streams or changes something must not run for HEAD.
  const isQuery = kind === 'query';
  const url = http.path.replaceAll(/\{([^{}]+)\}/g, ':$1');
  fastify.route({
    method: http.method,
    url,
    exposeHeadRoute: isQuery,
    ...(http.bodyLimit === undefined ? undefined : { bodyLimit: http.bodyLimit }),
    ...(hasBody(http.method) && { onRequest: ignoreTypeOfEmptyBody }),
    handler: run,
  });
  if (http.method === 'GET' && !isQuery) fastify.route({ method: 'HEAD', url, handler: head });
}

/** Many clients send a content type without a body. It is ignored. */
const ignoreTypeOfEmptyBody: onRequestHookHandler = ({ raw: { headers } }, _reply, done) => {
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) {
    headers['content-type'] = undefined;
  }
  done();
};

const isLarge = (body: unknown): boolean => body instanceof Uint8Array && body.length > LARGE_BODY;

async function readInOwnTurn<T>(read: () => T): Promise<T> {
  await nextTurn();
  const input = read();
  await nextTurn();
  return input;
}

const sendResult =
  (stallMs = 30_000) =>
  async (pending: Promise<unknown>, reply: FastifyReply, transport: RestTransport) => {
    const handled = await pending;
    const result = transport.body ?? handled;
    reply.code(transport.status);
    if (transport.status === 204) return reply.send();
    if (result instanceof Raw) {
      const { body, contentType } = result;
      const content = isTextParts(body) ? toTextBody(body) : body;
      // Drops an answer that is not read.
      if (content instanceof Readable) reply.raw.setTimeout(stallMs, () => reply.raw.destroy());
      return reply.header('content-type', contentType).send(content);
    }
    return reply.header('content-type', JSON_TYPE).send(JSON.stringify(result) ?? 'null');
  };
