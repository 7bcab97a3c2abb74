import type { AddressInfo } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Holder } from '../authorization/grants.ts';
import { Replays } from '../crm/idempotency.ts';
import { CrmError } from '../crm/operation.ts';
import { type CalendarDocument, calendarDocument } from './document.ts';
import { type CalendarEvent, Calendars, type NewEvent } from './events.ts';
import { type EventQuery, findEvents } from './find-events.ts';
import { mountMcp } from './mcp.ts';
import { eventCheck } from './new-event.ts';
import { calendarTools } from './tools.ts';

export type CalendarOptions = {
  /** Who checks access tokens, and where users consent. */
  readonly authorization: {
    readonly url: string;
    readonly scopes: Readonly<Record<string, string>>;
    check(token: string): Holder | undefined;
  };
  /** 0 or absent: any free port. Always bound to 127.0.0.1. */
  readonly port?: number;
};

export type CalendarCall = { readonly operation: string; readonly user?: string; status?: number };

export type Calendar = {
  /** Origin; the operations stand under `/v1`. */
  readonly url: string;
  /** The same calendar as an MCP server. */
  readonly mcpUrl: string;
  readonly documentUrl: string;
  readonly document: CalendarDocument;
  /** Every call of an operation, also those that were refused, oldest first. */
  readonly calls: readonly CalendarCall[];
  /** The live events of a user. */
  events(user: string): readonly CalendarEvent[];
  close(): Promise<void>;
};

/** Starts a calendar that gives each user their own events, for an access token of theirs. */
export async function startCalendar({ authorization, port = 0 }: CalendarOptions): Promise<Calendar> {
  const calendars = new Calendars();
  const calls: CalendarCall[] = [];
  const app = fastify({ requestTimeout: 10_000, bodyLimit: 64 * 1024, forceCloseConnections: true });
  const replays = new Replays();

  const note = (operation: string, reply: FastifyReply, holder: Holder | undefined) => {
    const call: CalendarCall = { operation, ...(holder && { user: holder.user }) };
    calls.push(call);
    reply.raw.once('finish', () => Object.assign(call, { status: reply.statusCode }));
  };
  const guarded =
    (
      operation: string,
      scope: string,
      handle: (request: FastifyRequest, reply: FastifyReply, user: string) => unknown,
    ) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      const holder = token === undefined ? undefined : authorization.check(token);
      note(operation, reply, holder);
      if (!holder) {
        reply.header('www-authenticate', token ? 'Bearer error="invalid_token"' : 'Bearer');
        return fail(reply, 401, 'invalid_token', 'Send the header Authorization: Bearer with a valid access token.');
      }
      if (!holder.scope.includes(scope)) {
        reply.header('www-authenticate', `Bearer error="insufficient_scope", scope="${scope}"`);
        return fail(reply, 403, 'insufficient_scope', `The access token lacks the scope ${scope}.`);
      }
      return handle(request, reply, holder.user);
    };
  const missing = (reply: FastifyReply) => fail(reply, 404, 'not_found', 'There is no such event.');
  const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;

  app.get('/openapi.json', () => document);
  app.get('/operator/calls', () => calls);
  app.get(
    '/v1/events',
    guarded('listEvents', 'calendar.read', (request, reply, user) => {
      const found = findEvents(calendars.of(user), request.query as EventQuery);
      return found ?? fail(reply, 400, 'invalid_request', 'from and to must be times.');
    }),
  );
  app.post(
    '/v1/events',
    guarded('createEvent', 'calendar.write', (request, reply, user) => {
      const fault = faultOf(request.body);
      if (fault !== undefined) return fail(reply, 400, 'invalid_request', fault);
      const key = request.headers['idempotency-key'] as string | undefined;
      const once = replays.once(key === undefined ? undefined : `${user} ${key}`, 'createEvent', request.body, () => {
        const body = request.body as NewEvent;
        const made = { durationMinutes: 30, ...body, startsAt: new Date(body.startsAt).toISOString() };
        return { status: 201, body: calendars.add(user, made) };
      });
      return reply.status(once.status).send(once.body);
    }),
  );
  app.get(
    '/v1/events/:id',
    guarded(
      'getEvent',
      'calendar.read',
      (request, reply, user) => calendars.of(user).find(({ id }) => id === idOf(request)) ?? missing(reply),
    ),
  );
  app.delete(
    '/v1/events/:id',
    guarded('deleteEvent', 'calendar.write', (request, reply, user) =>
      calendars.remove(user, idOf(request)) ? reply.status(204).send() : missing(reply),
    ),
  );

  mountMcp(app, {
    origin: () => originOf(app),
    issuer: authorization.url,
    scopes: Object.keys(authorization.scopes),
    tools: () => tools,
    check: (token) => authorization.check(token),
    called: note,
  });

  app.setErrorHandler((error, _, reply) => {
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (error instanceof CrmError)
      return fail(reply, error.status, error.code, 'The key was used before with another event.');
    return statusCode < 500
      ? fail(reply, statusCode, 'invalid_request', message)
      : fail(reply, 500, 'internal', 'Something broke on our side.');
  });
  await app.listen({ host: '127.0.0.1', port });
  const url = originOf(app);
  const document = calendarDocument(url, authorization.url, authorization.scopes);
  const faultOf = eventCheck(document);
  const tools = calendarTools({ document, calendars, faultOf });
  return {
    url,
    mcpUrl: `${url}/mcp`,
    documentUrl: `${url}/openapi.json`,
    document,
    calls,
    events: (user) => calendars.of(user),
    close: () => app.close(),
  };
}

const originOf = (app: FastifyInstance) => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

const fail = (reply: FastifyReply, status: number, code: string, message: string) =>
  reply.status(status).send({ error: { code, message } });
