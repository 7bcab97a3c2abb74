import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Authenticate, hasPlatformKey } from '../authorize.ts';
import { ipPrefix } from './failed-attempts.ts';
import { tooManyRequests } from './request-turns.ts';
import { Shares } from './shares.ts';

/** Bytes of the large bodies in this process. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Smaller bodies are not counted. */
const MIN_COUNTED = 64 * 1024;

/**
 * Limits the memory for bodies of requests. Large ones are counted before they are read, for the workspace of the API key, or for the
 * address of a caller without one.
 */
export class BodyShares {
  readonly #shares = new Shares(MAX_BYTES);

  constructor(private readonly authenticate: Authenticate) {}

  mount(fastify: FastifyInstance): void {
    fastify.addHook('preParsing', async (request, reply) => {
      const bytes = bytesOf(request);
      if (bytes <= MIN_COUNTED) return;
      const free = this.#shares.take(await this.#holderOf(request), bytes);
      if (!free) throw tooManyRequests();
      reply.raw.once('close', free);
    });
  }

  async #holderOf(request: FastifyRequest): Promise<string> {
    const { headers, ip } = request;
    if (headers['x-api-key'] === undefined || hasPlatformKey(headers)) return ipPrefix(ip);
    return (await this.authenticate({ request, headers })).workspaceId;
  }
}

/** The bytes of the body, at most; of one without a length, the limit of its route. */
function bytesOf({ headers, routeOptions }: FastifyRequest): number {
  const limit = routeOptions.bodyLimit ?? 0;
  if (headers['transfer-encoding'] !== undefined) return limit;
  return Math.min(Number(headers['content-length'] ?? 0), limit);
}
