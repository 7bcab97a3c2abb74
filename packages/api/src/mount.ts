import { errorTable, problem } from '@errand/contracts';
import { type Caller, isDatabaseTrouble } from '@errand/db';
import { mountRest, mountTrpc, type OnError, type StreamOptions } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authorizer } from './authorize.ts';
import type { RequestContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { createRouter } from './router.ts';
import { type SlotLimits, StreamSlots } from './stream-slots.ts';

/** How errors are answered; give it to `serverOptions` too. */
export const problemOptions = {
  errors: errorTable,
  problemBase: '/problems/',
  // Whether a request that met it took effect is not known, as with every 5xx.
  translate: (error: unknown) =>
    isDatabaseTrouble(error)
      ? problem('unavailable', 'The database does not answer. Try again.', {
          headers: { 'retry-after': '1' },
          cause: error,
        })
      : undefined,
} as const;

export type MountOptions = StreamOptions & {
  /** Told of every unexpected error; callers see nothing of it. */
  onError?: OnError;
  /** Checks every answer against the contract: for development and tests. */
  validateOutput?: boolean;
  /** Limits of open streams that differ from the service's own. */
  streams?: SlotLimits;
};

/**
 * Mounts REST, SSE and tRPC.
 * @param fastify an instance made with `serverOptions(problemOptions)`, before it listens
 * @returns who made a request, once that is known; for the log
 */
export function mountApi(
  fastify: FastifyInstance,
  deps: Omit<ApiDeps, 'streams'>,
  { validateOutput, streams: limits, ...options }: MountOptions = {},
): { callerOf: (request: object) => Caller | undefined } {
  const callers = new WeakMap<object, Caller>();
  const streams = new StreamSlots(deps.db.apiKeys, limits);
  fastify.addHook('onClose', () => streams.close());
  const authorize = authorizer({ ...deps, streams }, (request, caller) => {
    callers.set(request, caller);
  });
  const router = createRouter({ ...problemOptions, authorize, validateOutput });
  const createContext = ({ req }: { req: FastifyRequest }): RequestContext => ({ request: req, headers: req.headers });
  const mount = { ...problemOptions, ...options, router, createContext };
  mountRest(fastify, mount);
  mountTrpc(fastify, mount);
  return { callerOf: (request) => callers.get(request) };
}
