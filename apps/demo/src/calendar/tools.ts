import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { CalendarDocument } from './document.ts';
import { type Calendars, type EventQuery, findEvents, type NewEvent } from './events.ts';

/** A tool of the calendar: its listing, its scope and its implementation. */
export type CalendarTool = { listed: Tool; scope: string; call: (args: object, user: string) => CallToolResult };

type ToolsOptions = {
  document: CalendarDocument;
  calendars: Calendars;
  /** The fault of a new event, or undefined. */
  faultOf: (event: unknown) => string | undefined;
};

const time = (description: string) => ({ type: 'string', format: 'date-time', description });
const byId = {
  type: 'object' as const,
  properties: { id: { type: 'string', description: 'Id, as list_events gives it.' } },
  required: ['id'],
};
const query = {
  type: 'object' as const,
  properties: {
    from: time('Only events that begin at this time or later.'),
    to: time('Only events that begin before this time.'),
    title: { type: 'string', description: 'Only events with this in their title.' },
  },
};

/** The operations of the REST service as tools. */
export function calendarTools({ document, calendars, faultOf }: ToolsOptions): CalendarTool[] {
  const { NewEvent: newEvent, Event: event } = document.components.schemas;
  const asTool = (schema: object) => schema as Tool['inputSchema'];
  const reads = { readOnlyHint: true, openWorldHint: false };
  const eventList = {
    type: 'object' as const,
    properties: { items: { type: 'array', items: event }, total: { type: 'integer', description: 'How many match.' } },
    required: ['items', 'total'],
  };
  return [
    {
      listed: {
        name: 'list_events',
        title: 'List events',
        description: 'Events of the calendar, the earliest first.',
        inputSchema: query,
        outputSchema: asTool(eventList),
        annotations: reads,
      },
      scope: 'calendar.read',
      call: (args, user) => {
        const matches = findEvents(calendars.of(user), args as EventQuery);
        return matches ? answer(matches) : fault('from and to must be times.');
      },
    },
    {
      listed: {
        name: 'get_event',
        title: 'Get an event',
        description: 'One event by its id.',
        inputSchema: byId,
        outputSchema: asTool(event),
        annotations: reads,
      },
      scope: 'calendar.read',
      call: (args, user) => {
        const match = calendars.of(user).find(({ id }) => id === (args as { id?: unknown }).id);
        return match ? answer(match) : fault('There is no such event.');
      },
    },
    {
      listed: {
        name: 'create_event',
        title: 'Create an event',
        description: 'Adds an event to the calendar.',
        inputSchema: asTool(newEvent),
        outputSchema: asTool(event),
        annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
      },
      scope: 'calendar.write',
      call: (args, user) => {
        const wrong = faultOf(args);
        if (wrong !== undefined) return fault(wrong);
        return answer(calendars.add(user, args as NewEvent));
      },
    },
    {
      listed: {
        name: 'delete_event',
        title: 'Delete an event',
        description: 'Removes an event from the calendar.',
        inputSchema: byId,
        annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
      },
      scope: 'calendar.write',
      call: (args, user) =>
        calendars.remove(user, String((args as { id?: unknown }).id))
          ? { content: [{ type: 'text', text: 'It is gone.' }] }
          : fault('There is no such event.'),
    },
  ];
}

const answer = (content: object): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(content) }],
  structuredContent: { ...content },
});

const fault = (text: string): CallToolResult => ({ isError: true, content: [{ type: 'text', text }] });
