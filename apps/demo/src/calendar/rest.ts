// The calendar as a REST service. Each operation needs a user's access token with its scope.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Holder } from '../authorization/grants.ts';
import { Replays } from '../crm/idempotency.ts';
import { CrmError } from '../crm/operation.ts';
import { type Calendars, type EventQuery, findEvents, type NewEvent } from './events.ts';

type RestOptions = {
  calendars: Calendars;
  /** The fault of a new event, or undefined. */
  faultOf: (event: unknown) => string | undefined;
  check: (token: string) => Holder | undefined;
  /** Called with each call of an operation before authorization. */
  called: (operation: string, reply: FastifyReply, holder: Holder | undefined) => void;
};
type Handle = (request: FastifyRequest, reply: FastifyReply, user: string) => unknown;

/** Mounts the operations at `/v1/events`. */
export function mountRest(app: FastifyInstance, { calendars, faultOf, check, called }: RestOptions): void {
  const replays = new Replays();
  const guarded =
    (operation: string, scope: string, handle: Handle) => async (request: FastifyRequest, reply: FastifyReply) => {
      const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      const holder = token === undefined ? undefined : check(token);
      called(operation, reply, holder);
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

  const list: Handle = (request, reply, user) => {
    const matches = findEvents(calendars.of(user), request.query as EventQuery);
    return matches ?? fail(reply, 400, 'invalid_request', 'from and to must be times.');
  };
  const create: Handle = (request, reply, user) => {
    const fault = faultOf(request.body);
    if (fault !== undefined) return fail(reply, 400, 'invalid_request', fault);
    const key = request.headers['idempotency-key'] as string | undefined;
    const once = replays.once(key === undefined ? undefined : `${user} ${key}`, 'createEvent', request.body, () => ({
      status: 201,
      body: calendars.add(user, request.body as NewEvent),
    }));
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
