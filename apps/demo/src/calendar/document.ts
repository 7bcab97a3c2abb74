const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const error = (description: string) => ({ description, content: json(ref('Error')) });
const id = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id, as the list of events gives it.',
  schema: { type: 'string' },
};
const instant = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string', format: 'date-time' },
});
const key = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Makes a repeat of the request safe: the same key gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const can = (scope: string) => [{ account: [scope] }];

const event = {
  title: { type: 'string', minLength: 1, maxLength: 200, description: 'What it is called.' },
  startsAt: { type: 'string', format: 'date-time', description: 'When it begins.' },
  durationMinutes: { type: 'integer', minimum: 1, maximum: 1440, default: 30, description: 'How long it lasts.' },
  location: { type: 'string', maxLength: 200, description: 'Where it is.' },
  attendees: { type: 'array', maxItems: 50, items: { type: 'string' }, description: 'E-mail addresses of who comes.' },
};

/** The OpenAPI document of the calendar. Its security scheme names the authorization server, its operations their scopes. */
export const calendarDocument = (url: string, issuer: string, scopes: Readonly<Record<string, string>>) => ({
  openapi: '3.0.3',
  info: {
    title: 'Harbor Calendar API',
    version: '1.2.0',
    description: 'The calendar of the user who consented: list, read, add and remove events.',
  },
  servers: [{ url: `${url}/v1` }],
  tags: [{ name: 'Events', description: 'Meetings, calls and appointments.' }],
  paths: {
    '/events': {
      get: {
        operationId: 'listEvents',
        tags: ['Events'],
        summary: 'List events',
        description: 'Events of the calendar, the earliest first.',
        security: can('calendar.read'),
        parameters: [
          instant('from', 'Only events that begin at this time or later.'),
          instant('to', 'Only events that begin before this time.'),
          {
            name: 'title',
            in: 'query',
            description: 'Only events with this in their title.',
            schema: { type: 'string' },
          },
        ],
        responses: {
          200: { description: 'The events.', content: json(ref('EventList')) },
          401: error('No valid access token.'),
        },
      },
      post: {
        operationId: 'createEvent',
        tags: ['Events'],
        summary: 'Create an event',
        description: 'Adds an event to the calendar.',
        security: can('calendar.write'),
        parameters: [key],
        requestBody: { required: true, content: json(ref('NewEvent')) },
        responses: {
          201: { description: 'The new event.', content: json(ref('Event')) },
          400: error('The event is not valid.'),
        },
      },
    },
    '/events/{id}': {
      get: {
        operationId: 'getEvent',
        tags: ['Events'],
        summary: 'Get an event',
        description: 'One event by its id.',
        security: can('calendar.read'),
        parameters: [id],
        responses: {
          200: { description: 'The event.', content: json(ref('Event')) },
          404: error('There is no such event.'),
        },
      },
      delete: {
        operationId: 'deleteEvent',
        tags: ['Events'],
        summary: 'Delete an event',
        description: 'Removes an event from the calendar.',
        security: can('calendar.write'),
        parameters: [id],
        responses: { 204: { description: 'It is gone.' }, 404: error('There is no such event.') },
      },
    },
  },
  components: {
    securitySchemes: {
      account: {
        type: 'oauth2',
        flows: {
          authorizationCode: {
            authorizationUrl: `${issuer}/authorize`,
            tokenUrl: `${issuer}/token`,
            refreshUrl: `${issuer}/token`,
            scopes,
          },
        },
      },
    },
    schemas: {
      NewEvent: { type: 'object', additionalProperties: false, required: ['title', 'startsAt'], properties: event },
      Event: {
        type: 'object',
        required: ['id', 'title', 'startsAt', 'durationMinutes'],
        properties: { id: { type: 'string', description: 'Id of the event.' }, ...event },
      },
      EventList: {
        type: 'object',
        required: ['items', 'total'],
        properties: {
          items: { type: 'array', items: ref('Event') },
          total: { type: 'integer', description: 'How many match.' },
        },
      },
      Error: {
        type: 'object',
        properties: {
          error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
});

export type CalendarDocument = ReturnType<typeof calendarDocument>;
