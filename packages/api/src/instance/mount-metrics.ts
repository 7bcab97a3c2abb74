import { contract } from '@errand/contracts';
import type { Authorize } from '@errand/trpc-openapi';
import type { FastifyInstance } from 'fastify';
import { type Context, maxBytesFor, type RequestContext } from '../context.ts';
import type { ApiDeps } from '../deps.ts';

/** Answers Prometheus, with the key of the platform. Callers that may not read the state of the instance get the same refusals as there. */
export function mountMetrics(
  fastify: FastifyInstance,
  metrics: ApiDeps['metrics'],
  authorize: Authorize<RequestContext, Context>,
): void {
  fastify.get('/metrics', async (request, reply) => {
    const ctx = { request, headers: request.headers, reply, maxBytes: maxBytesFor(false, 1), onClosed: () => {} };
    await authorize({ ctx, op: contract.system.status, name: 'system.status' });
    return reply
      .type(metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.read());
  });
}
