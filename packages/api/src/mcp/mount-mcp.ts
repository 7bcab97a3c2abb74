import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type AgentTool, agentTools, type CallerPrincipal, holds, problem, type Scope } from '@errand/contracts';
import { checkValue, type OnError, type ProblemOptions } from '@errand/trpc-openapi';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../authorize.ts';
import type { RequestContext } from '../context.ts';
import type { ApiDeps, MountDeps } from '../deps.ts';
import type { Router } from '../router.ts';
import { type AgentCaller, createCallerReader } from './agent-caller.ts';
import { createMcpServer, type ExtendMcpServer, type ServerDeps } from './mcp-server.ts';
import { createRequestStates } from './request-states.ts';
import { challengeOf, METADATA_PATH, resourceMetadata } from './token-challenge.ts';

/** Maximum bytes of a request: an intent with its context and an output schema. */
const MAX_BODY = 256 * 1024;
/** Maximum messages of one request; revision 2025-03-26 allows batches. */
const MAX_BATCH = 100;
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

type McpDeps = Pick<MountDeps, 'approvals' | 'engine' | 'agentStateKeys' | 'tokens' | 'db'> &
  Pick<ApiDeps, 'rate' | 'waitSlots'>;

type McpOptions = {
  router: Router;
  createContext: (request: FastifyRequest, reply: FastifyReply) => RequestContext;
  authenticate: Authenticate;
  /** Called with each caller, for the log. */
  onPrincipal: (request: object, principal: CallerPrincipal) => void;
  problems: ProblemOptions;
  onError: OnError | undefined;
  extend: ExtendMcpServer | undefined;
};

/** The context that is prepared before the SDK gets the request. */
type PreparedContext = Omit<ServerDeps, 'version' | 'states' | 'problems' | 'extend'>;

/**
 * `/mcp`: agents call the operations of the contract as tools, over streamable HTTP, for one user. Requests are independent, so any
 * process can answer any request.
 */
export function mountMcp(fastify: FastifyInstance, deps: McpDeps, options: McpOptions): void {
  const { router, createContext, authenticate, onPrincipal, problems, onError, extend } = options;
  const { publicUrl } = deps.approvals;
  const readCaller = createCallerReader({ ...deps, publicUrl, authenticate });
  const states = createRequestStates(deps.agentStateKeys);
  const handler = createMcpHandler(({ authInfo }) =>
    createMcpServer({ version, states, problems, extend, ...(authInfo!.extra as unknown as PreparedContext) }),
  );
  fastify.addHook('onClose', () => handler.close());
  // Without an issuer the metadata would lead clients into a consent that cannot succeed.
  if (deps.tokens.issuers.length > 0) fastify.get(METADATA_PATH, () => resourceMetadata(publicUrl(), deps.tokens));

  fastify.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    exposeHeadRoute: false,
    bodyLimit: MAX_BODY,
    handler: async (request, reply) => {
      checkOriginAndHost(request.headers, publicUrl());
      const ctx = { ...createContext(request, reply), hasCheckedOrigin: true } as const;
      const caller = await readCaller(ctx);
      const { principal, userId } = caller;
      onPrincipal(request, principal);
      const body = readBody(request);
      checkScopes(caller, body, publicUrl());
      // The operations that a tool uses are counted in addition.
      for (let left = countMessages(body); left > 0; left--) await deps.rate.spend(principal);
      const signal = disconnectSignal(reply);
      const prepared: PreparedContext = {
        operations: router.createCaller(caller.grantableScopes ? { ...ctx, principal } : ctx, { signal }),
        engine: deps.engine,
        waitSlots: deps.waitSlots,
        principal,
        userId,
        onError: (error, name) => onError?.({ error, req: request, name: `mcp ${name}` }),
      };
      const response = await handler.fetch(toWebRequest(request, body, signal), {
        authInfo: {
          token: '',
          clientId: `${principal.workspaceId}\n${principal.id}\n${userId}`,
          scopes: [...principal.scopes],
          extra: prepared,
        },
        ...(body !== undefined && { parsedBody: body }),
      });
      return reply.send(response);
    },
  });
}

/** @throws ProblemError invalid_json, json_too_deep, invalid_string */
function readBody({ method, body }: FastifyRequest): unknown {
  if (method !== 'POST') return undefined;
  const message = Buffer.isBuffer(body) || typeof body === 'string' ? parseJson(body.toString()) : body;
  if (typeof message !== 'object' || message === null)
    throw problem('invalid_json', 'The body is not a JSON-RPC message.');
  checkValue(message);
  return message;
}

/** @throws ProblemError validation_failed */
function countMessages(body: unknown): number {
  if (!Array.isArray(body)) return 1;
  if (body.length > MAX_BATCH)
    throw problem('validation_failed', `A request may contain at most ${MAX_BATCH} messages.`);
  return body.length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problem('invalid_json', 'The body is not JSON.');
  }
}

/** Aborted if the caller disconnects before the answer is sent. */
function disconnectSignal(reply: FastifyReply): AbortSignal {
  const disconnected = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) disconnected.abort();
  });
  return disconnected.signal;
}

function toWebRequest({ method, headers, url, hostname }: FastifyRequest, body: unknown, signal: AbortSignal): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((item): [string, string] => [name, item ?? '']),
  );
  return new Request(new URL(url, `http://${hostname}`), {
    method,
    headers: pairs.filter(([name]) => !['x-api-key', 'authorization', 'content-length'].includes(name)),
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses requests of foreign web pages, and of pages whose host name resolves to this machine (DNS rebinding). Programs send no Origin,
 * and may reach a public service by any name.
 * @throws ProblemError origin_not_allowed
 */
function checkOriginAndHost({ origin, host }: IncomingHttpHeaders, publicUrl: string): void {
  const serviceUrl = new URL(publicUrl);
  const isLocal = LOOPBACK.has(serviceUrl.hostname);
  const isOwn = (url: string): boolean => {
    const parsedUrl = URL.canParse(url) ? new URL(url) : undefined;
    if (parsedUrl === undefined) return false;
    return (
      parsedUrl.host === serviceUrl.host ||
      (isLocal && LOOPBACK.has(parsedUrl.hostname) && parsedUrl.port === serviceUrl.port)
    );
  };
  const isFromPage = origin !== undefined;
  const isRefused =
    (isFromPage && !isOwn(origin)) || ((isFromPage || isLocal) && !isOwn(`${serviceUrl.protocol}//${host}`));
  if (isRefused)
    throw problem('origin_not_allowed', 'This page may not call /mcp.', {
      remedy: `Call ${serviceUrl.origin}/mcp from a program, or from a page of ${serviceUrl.origin}.`,
    });
}

const toolScopes = new Map<unknown, Scope | null>(
  Object.values(agentTools as Record<string, AgentTool>).map(({ name, scope }) => [name, scope as Scope | null]),
);

/**
 * Refuses a token that lacks a scope which it could have, so that its client can request more (RFC 6750 §3.1). Tools for scopes that it
 * cannot have do not exist for it, as for keys.
 * @throws ProblemError insufficient_scope
 */
function checkScopes({ principal, grantableScopes }: AgentCaller, body: unknown, publicUrl: string): void {
  if (grantableScopes === undefined) return;
  const calledTools = [body].flat().map((message) => calledTool(message));
  const missing = grantableScopes.filter(
    (scope) =>
      !holds(principal, scope) &&
      (principal.scopes.length === 0 || calledTools.some((tool) => toolScopes.get(tool) === scope)),
  );
  if (missing.length === 0) return;
  const scope = [...principal.scopes, ...missing].join(' ');
  throw problem('insufficient_scope', `The access token lacks ${missing.join(', ')}.`, {
    headers: { 'www-authenticate': challengeOf(publicUrl, { error: 'insufficient_scope', scope }) },
  });
}

function calledTool(message: unknown): unknown {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } };
  return method === 'tools/call' ? params?.name : undefined;
}
