import type { AddressInfo } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Holder } from '../authorization/grants.ts';
import { IdempotencyStore } from '../crm/idempotency.ts';
import { CrmError } from '../crm/operation.ts';
import { calendarDocument, eventCheck } from './document.ts';
import { type CalendarEvent, Calendars, type EventQuery, findEvents, type NewEvent } from './events.ts';
import { mountMcp } from './mcp.ts';
import { calendarTools } from './tools.ts';

export type CalendarOptions = {
  /** The authorization server, which checks access tokens. */
  readonly authorization: {
    readonly url: string;
    readonly scopes: Readonly<Record<string, string>>;
    check(token: string): Holder | undefined;
  };
  /** 0 or absent: any free port, always on 127.0.0.1. */
  readonly port?: number;
};

export type CalendarCall = { readonly operation: string; readonly user?: string; status?: number };

const BEARER = /^Bearer (\S+)$/i;

/** Starts a calendar with separate events for each user, identified by an access token. */
export async function startCalendar({ authorization, port = 0 }: CalendarOptions) {
  const calendars = new Calendars();
  const calls: CalendarCall[] = [];
  const app = fastify({ requestTimeout: 10_000, bodyLimit: 64 * 1024, forceCloseConnections: true });
  const holderOf = ({ headers }: FastifyRequest) => {
    const token = BEARER.exec(headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : authorization.check(token);
  };
  const note = (operation: string, reply: FastifyReply, holder: Holder | undefined) => {
    const call: CalendarCall = { operation, ...(holder && { user: holder.user }) };
    calls.push(call);
    reply.raw.once('finish', () => Object.assign(call, { status: reply.statusCode }));
  };

  app.get('/openapi.json', () => document);
  app.get('/operator/calls', () => calls);
  mountRest(app, { calendars, faultOf: (event) => faultOf(event), holderOf, called: note });
  mountMcp(app, {
    origin: () => originOf(app),
    issuer: authorization.url,
    scopes: Object.keys(authorization.scopes),
    tools: () => tools,
    holderOf,
    called: note,
  });
  await app.listen({ host: '127.0.0.1', port });
  const url = originOf(app);
  const document = calendarDocument(url, authorization.url, authorization.scopes);
  const faultOf = eventCheck(document);
  const tools = calendarTools({ document, calendars, faultOf });
  return {
    /** Origin; the paths of operations begin with `/v1`. */
    url,
    /** The same calendar as an MCP server. */
    mcpUrl: `${url}/mcp`,
    documentUrl: `${url}/openapi.json`,
    document,
    /** Every call of an operation, including refused calls, oldest first. */
    calls: calls as readonly CalendarCall[],
    /** The live events of a user. */
    events: (user: string): readonly CalendarEvent[] => calendars.of(user),
    close: async () => app.close(),
  };
}

export type Calendar = Awaited<ReturnType<typeof startCalendar>>;

const originOf = (app: FastifyInstance) => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

type RestOptions = {
  calendars: Calendars;
  /** The fault of a new event, or undefined. */
  faultOf: (event: unknown) => string | undefined;
  /** The holder of the access token of a request, if it is valid. */
  holderOf: (request: FastifyRequest) => Holder | undefined;
  /** Called with each call of an operation before authorization. */
  called: (operation: string, reply: FastifyReply, holder: Holder | undefined) => void;
};
type Handle = (request: FastifyRequest, reply: FastifyReply, user: string) => unknown;

/** Mounts the operations at `/v1/events`. */
function mountRest(app: FastifyInstance, { calendars, faultOf, holderOf, called }: RestOptions): void {
  const idempotencyStore = new IdempotencyStore();
  const guarded =
    (operation: string, scope: string, handle: Handle) => async (request: FastifyRequest, reply: FastifyReply) => {
      const holder = holderOf(request);
      called(operation, reply, holder);
      if (!holder) {
        const hasToken = BEARER.test(request.headers.authorization ?? '');
        reply.header('www-authenticate', hasToken ? 'Bearer error="invalid_token"' : 'Bearer');
        return fail(reply, 401, 'invalid_token', 'Send the header Authorization: Bearer with a valid access token.');
      }
      if (!holder.scope.includes(scope)) {
        reply.header('www-authenticate', `Bearer error="insufficient_scope", scope="${scope}"`);
        return fail(reply, 403, 'insufficient_scope', `The access token lacks the scope ${scope}.`);
      }
      return handle(request, reply, holder.user);
    };

  const list: Handle = (request, reply, user) => {
    const matches = findEvents(calendars.of(user), request.query as EventQuery);
    return matches ?? fail(reply, 400, 'invalid_request', 'from and to must be times.');
  };
  const create: Handle = (request, reply, user) => {
    const fault = faultOf(request.body);
    if (fault !== undefined) return fail(reply, 400, 'invalid_request', fault);
    const key = request.headers['idempotency-key'] as string | undefined;
    const once = idempotencyStore.once(
      key === undefined ? undefined : `${user} ${key}`,
      'createEvent',
      request.body,
      () => ({ status: 201, body: calendars.add(user, request.body as NewEvent) }),
    );
    return reply.status(once.status).send(once.body);
  };
  const get: Handle = (request, reply, user) =>
    calendars.of(user).find(({ id }) => id === idOf(request)) ?? missing(reply);
  const remove: Handle = (request, reply, user) =>
    calendars.remove(user, idOf(request)) ? reply.status(204).send() : missing(reply);

  app.get('/v1/events', guarded('listEvents', 'calendar.read', list));
  app.post('/v1/events', guarded('createEvent', 'calendar.write', create));
  app.get('/v1/events/:id', guarded('getEvent', 'calendar.read', get));
  app.delete('/v1/events/:id', guarded('deleteEvent', 'calendar.write', remove));

  app.setErrorHandler((error, _, reply) => {
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (error instanceof CrmError)
      return fail(reply, error.status, error.code, 'The key was used before with another event.');
    return statusCode < 500
      ? fail(reply, statusCode, 'invalid_request', message)
      : fail(reply, 500, 'internal', 'Something broke on our side.');
  });
}

const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;

const missing = (reply: FastifyReply) => fail(reply, 404, 'not_found', 'There is no such event.');

const fail = (reply: FastifyReply, status: number, code: string, message: string) =>
  reply.status(status).send({ error: { code, message } });
