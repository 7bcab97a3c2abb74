import type { ServerResponse } from 'node:http';
import { type CallerPrincipal, errorTable, problem } from '@errand/contracts';
import { isDatabaseTrouble, WorkspaceBusy } from '@errand/db';
import {
  type Authorize,
  type CreateContext,
  mountRest,
  mountTrpc,
  type OnError,
  type StreamOptions,
} from '@errand/trpc-openapi';
import type { FastifyInstance } from 'fastify';
import { mountApprovals } from './approvals/mount-approvals.ts';
import { createAuthenticate, createAuthorize } from './authorize.ts';
import { mountConsentPages } from './consents/mount-consent-pages.ts';
import { createSessionAuthenticate } from './console/authenticate-session.ts';
import { mountConsole } from './console/mount-console.ts';
import { mountSignIn } from './console/mount-sign-in.ts';
import { mountOidc } from './console/oidc/mount-oidc.ts';
import { type Context, maxBytesFor, type RequestContext } from './context.ts';
import { BrowserOrigins } from './cors/browser-origins.ts';
import { mountCors } from './cors/mount-cors.ts';
import type { MountDeps } from './deps.ts';
import { mountMetrics } from './instance/mount-metrics.ts';
import { mountUpload } from './integrations/register/mount-upload.ts';
import { BodyShares } from './limits/body-shares.ts';
import { LargeAnswers } from './limits/large-answers.ts';
import { createLocalQuota } from './limits/local-quota.ts';
import { createCallerRate, RateLimit } from './limits/rate-limit.ts';
import { RequestTurns } from './limits/request-turns.ts';
import { WaitSlots } from './limits/wait-slots.ts';
import { ListPages } from './lists/list-pages.ts';
import type { ExtendMcpServer } from './mcp/mcp-server.ts';
import { mountMcp } from './mcp/mount-mcp.ts';
import { PageBrands, PageFrames } from './pages/page-frames.ts';
import { mountInputPage } from './questions/mount-input-page.ts';
import { mountQuestionPage } from './questions/mount-question-page.ts';
import { createRouter } from './router.ts';
import { type SlotLimits, StreamSlots } from './stream-slots.ts';
import { createTokenAuthenticate, refusingUserTokens } from './user-tokens/authenticate-token.ts';
import { confine } from './user-tokens/confine.ts';
import { mountLogos } from './workspace/mount-logos.ts';

// As with every 5xx, the request may or may not have taken effect.
function translate(error: unknown) {
  const retryOptions = { headers: { 'retry-after': '1' }, values: { retryAfterSeconds: 1 }, cause: error };
  if (error instanceof WorkspaceBusy) {
    return problem('unavailable', 'Too many requests of this workspace are in progress.', {
      ...retryOptions,
      remedy: 'Send fewer requests at once, and try again after `Retry-After`.',
    });
  }
  return isDatabaseTrouble(error) ? problem('unavailable', 'The database does not answer.', retryOptions) : undefined;
}

/** Options for the answers to errors; pass them to `serverOptions` too. */
export const errorAnswerOptions = {
  errors: errorTable,
  problemBase: '/problems/',
  translate,
} as const;

export type MountOptions = StreamOptions & {
  /** Called with every unexpected error; callers do not see its text. */
  onError?: OnError;
  /** Checks every answer against the contract: for development and tests. */
  validateOutput?: boolean;
  /** Limits of open streams that differ from the service's own. */
  streams?: SlotLimits;
  /** Maximum requests of a key per minute; 0: no limit. */
  rateLimit?: number;
  /** For the conformance suite only: adds its tools to those of the contract at `/mcp`. */
  extendMcpServer?: ExtendMcpServer;
};

/**
 * Mounts REST, SSE, tRPC and MCP.
 * @param fastify an instance made with `serverOptions(problemOptions)`, before it listens
 * @returns a function that gives the principal of a request, for the log
 */
export function mountApi(
  fastify: FastifyInstance,
  deps: MountDeps,
  { validateOutput, streams: limits, rateLimit, extendMcpServer, ...options }: MountOptions = {},
): { principalOf: (request: object) => CallerPrincipal | undefined } {
  mountCors(fastify, deps.corsOrigins);
  const principals = new WeakMap<object, CallerPrincipal>();
  const streamSlots = new StreamSlots(deps.db, limits);
  fastify.addHook('onClose', () => streamSlots.close());
  const rate = callerRate(deps, rateLimit);
  const waitSlots = new WaitSlots();
  fastify.addHook('preClose', async () => waitSlots.close());
  const brands = new PageBrands(deps.db);
  const onPrincipal = (request: object, principal: CallerPrincipal) => void principals.set(request, principal);
  const authenticate = createAuthenticate(deps, onPrincipal);
  const turns = new RequestTurns();
  fastify.addHook('onClose', async () => turns.close());
  new BodyShares(authenticate).mount(fastify);
  const createContext = contextCreator(turns);
  const largeAnswers = new LargeAnswers();
  const lists = new ListPages(deps.cursorKeys);
  const browserOrigins = new BrowserOrigins(deps.db, deps.corsOrigins, deps.approvals.publicUrl);
  const authorize = createAuthorize(
    { ...deps, streamSlots, waitSlots, largeAnswers, lists, browserOrigins, rate, brands },
    authenticate,
    createTokenAuthenticate(deps, onPrincipal),
  );
  const router = createRouter({ ...errorAnswerOptions, authorize, confine, validateOutput });
  const authorizeKeys = refusingUserTokens(authorize);
  const mount = { ...errorAnswerOptions, ...options, router, createContext };
  mountRest(fastify, mount);
  mountTrpc(fastify, mount);
  const authenticateSession = createSessionAuthenticate(deps);
  mountTrpc(fastify, {
    ...mount,
    prefix: '/console/trpc',
    createContext: async (request) => {
      const ctx = createContext(request);
      const session = await authenticateSession(ctx);
      if ('workspaceId' in session.principal) onPrincipal(request.req, session.principal);
      return { ...ctx, session };
    },
  });
  mountSignIn(fastify, deps);
  mountOidc(fastify, deps, authenticateSession);
  mountConsole(fastify, deps.console);
  mountPages(fastify, { ...deps, frames: new PageFrames(brands) }, authorizeKeys);
  mountUpload(fastify, authorizeKeys);
  mountMetrics(fastify, deps.metrics, authorizeKeys);
  mountMcp(
    fastify,
    { ...deps, rate, waitSlots },
    {
      router,
      createContext: (req, reply) => createContext({ req, reply, name: undefined, calls: 1 }),
      authenticate,
      onPrincipal,
      problems: errorAnswerOptions,
      onError: options.onError,
      extend: extendMcpServer,
    },
  );
  return { principalOf: (request) => principals.get(request) };
}

const callerRate = ({ db }: Pick<MountDeps, 'db'>, rateLimit: number | undefined) =>
  createCallerRate({
    keys: new RateLimit(db.apiKeys.requests, rateLimit),
    users: new RateLimit(db.apiKeys.requests, 0, 'user'),
    subjects: new RateLimit(createLocalQuota(), rateLimit),
    workspaces: new RateLimit(db.apiKeys.requests, 0, 'workspace'),
    settings: db.workspaceSettings,
  });

/** The pages for end users, and their logos. */
function mountPages(
  fastify: FastifyInstance,
  deps: MountDeps & { frames: PageFrames },
  authorize: Authorize<RequestContext, Context>,
): void {
  mountApprovals(fastify, deps, authorize);
  mountQuestionPage(fastify, deps);
  mountInputPage(fastify, deps);
  mountConsentPages(fastify, deps);
  mountLogos(fastify, deps);
}

const contextCreator =
  (turns: RequestTurns) =>
  ({ req, reply, name, calls }: Parameters<CreateContext>[0]): RequestContext => {
    const onClosed = (then: () => void) => whenClosed(reply.raw, then);
    return {
      request: req,
      headers: req.headers,
      reply,
      maxBytes: maxBytesFor(name === undefined, calls),
      onClosed,
      turn: turns.of({ calls, bytes: lengthOf(req.body) }, onClosed),
    };
  };

const lengthOf = (body: unknown): number => (typeof body === 'string' || Buffer.isBuffer(body) ? body.length : 0);

function whenClosed(answer: ServerResponse, then: () => void): void {
  if (answer.closed) then();
  else answer.once('close', then);
}
