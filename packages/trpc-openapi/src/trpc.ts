// tRPC's own HTTP endpoint on a Fastify server: batches, subscriptions over SSE, and the same rejections as REST.
import { isUtf8 } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { AnyTRPCRouter } from '@trpc/server';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkText } from './check-text.ts';
import { ProblemError } from './contract.ts';
import { setRequestId } from './implement.ts';
import { type ErrorAnswerOptions, instanceOf, mountProblems } from './mount-problems.ts';
import { createProblemRenderer, toErrorShape, toTrpcError } from './problem.ts';
import type { CreateContext } from './rest/rest.ts';
import { servedRoutes } from './rest/route.ts';

export type TrpcOptions = ErrorAnswerOptions & {
  readonly router: AnyTRPCRouter;
  readonly createContext: CreateContext;
  /** Path prefix of the procedures; default `/trpc`. */
  readonly prefix?: `/${string}`;
  /** Calls in one batch; default 50. */
  readonly maxBatchSize?: number;
};

/** Mounts tRPC. Errors have tRPC's shape with the problem document in `data.problem`. */
export function mountTrpc(fastify: FastifyInstance, options: TrpcOptions): void {
  mountProblems(fastify, options);
  const { router, createContext, prefix = '/trpc', maxBatchSize = 50, onError } = options;
  const problems = createProblemRenderer(options);
  const streams = new Set<ServerResponse>();
  let closed = false;
  // tRPC ends its streams late. A server that shuts down cannot wait, and clients reconnect by themselves.
  fastify.addHook('preClose', async () => {
    closed = true;
    for (const raw of streams) raw.destroy();
  });

  const handle = async (req: FastifyRequest, reply: FastifyReply, path = (req.params as { '*': string })['*']) => {
    if (isSubscription(router, path)) {
      streams.add(reply.raw);
      reply.raw.once('close', () => streams.delete(reply.raw));
      if (closed) reply.raw.destroy();
    }
    const contextOf = async () => {
      try {
        const ctx = await createContext({ req, reply, name: undefined, calls: path.split(',').length });
        setRequestId(ctx, instanceOf(req.id));
        return ctx;
      } catch (error) {
        throw toTrpcError(error, problems);
      }
    };
    await fastifyRequestHandler({
      router,
      req,
      res: reply,
      path,
      maxBatchSize,
      createContext: contextOf,
      responseMeta: ({ errors }) => ({
        headers: new Headers(errors.flatMap((error) => Object.entries(problems.answer(error).headers))),
      }),
      onError: ({ error, path: name }) => {
        if (problems.answer(error).unexpected) onError?.({ error: error.cause ?? error, req, name });
      },
    });
  };

  fastify.register(async (scope) => {
    scope.addHook('preParsing', rejectConnectionParams);
    scope.setErrorHandler((error, req, reply) => {
      const { headers, unexpected } = problems.answer(error);
      if (unexpected) onError?.({ error, req, name: undefined });
      const shape = toErrorShape(error, problems, undefined, instanceOf(req.id));
      return reply
        .code(shape.data.httpStatus)
        .headers(headers)
        .type('application/json')
        .send(JSON.stringify({ error: shape }));
    });
    scope.addHook('preHandler', decodeBody);
    scope.route({
      method: ['GET', 'POST'],
      url: `${prefix}/*`,
      exposeHeadRoute: false,
      handler: (req, reply) => handle(req, reply),
    });
    // The body limit of an operation also applies here; in a batch, that of the server does.
    for (const { name, http } of servedRoutes(router)) {
      if (http.bodyLimit === undefined) continue;
      const namedRoute = { method: 'POST', url: `${prefix}/${name}`, bodyLimit: http.bodyLimit } as const;
      scope.route({ ...namedRoute, handler: (req, reply) => handle(req, reply, name) });
    }
  });
}

async function rejectConnectionParams(req: FastifyRequest): Promise<void> {
  if ('connectionParams' in (req.query as object)) {
    throw new ProblemError('key_in_query', 'connectionParams become part of the URL, and URLs are kept in logs.');
  }
}

/** tRPC expects text, and would silently replace bytes that are not UTF-8. */
async function decodeBody(req: FastifyRequest): Promise<void> {
  if (!Buffer.isBuffer(req.body)) return;
  if (!isUtf8(req.body)) throw new ProblemError('invalid_json', 'The body is not UTF-8.');
  checkText(req.body);
  req.body = req.body.toString();
}

const isSubscription = (router: AnyTRPCRouter, path: string): boolean => {
  const procedure = (router._def.procedures as Record<string, { _def: { type: string } } | undefined>)[path];
  return procedure?._def.type === 'subscription';
};
