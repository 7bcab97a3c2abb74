import { randomBytes } from 'node:crypto';

export type CalendarEvent = {
  readonly id: string;
  readonly title: string;
  readonly startsAt: string;
  readonly durationMinutes: number;
  readonly location?: string;
  readonly attendees?: readonly string[];
};

/** A new event; it lasts 30 minutes by default. */
export type NewEvent = Omit<CalendarEvent, 'id' | 'durationMinutes'> & { readonly durationMinutes?: number };

const seed: readonly Omit<CalendarEvent, 'id'>[] = [
  { title: 'Quarterly review', startsAt: '2026-11-30T09:00:00.000Z', durationMinutes: 60, location: 'Room 4' },
  { title: 'Call with Northwind', startsAt: '2026-12-01T10:00:00.000Z', durationMinutes: 30 },
  {
    title: 'Planning of the next release',
    startsAt: '2026-12-02T13:30:00.000Z',
    durationMinutes: 90,
    attendees: ['grace@harbor.example'],
  },
];

/** One calendar for each user, with the same initial events. */
export class Calendars {
  readonly #calendars = new Map<string, CalendarEvent[]>();

  of(user: string): CalendarEvent[] {
    const existing = this.#calendars.get(user);
    if (existing) return existing;
    const events = seed.map((event, i) => ({ id: `evt_${String(i + 1).padStart(4, '0')}`, ...event }));
    this.#calendars.set(user, events);
    return events;
  }

  add(user: string, event: NewEvent): CalendarEvent {
    const startsAt = new Date(event.startsAt).toISOString();
    const added = { id: `evt_${randomBytes(4).toString('hex')}`, durationMinutes: 30, ...event, startsAt };
    this.of(user).push(added);
    return added;
  }

  remove(user: string, id: string): boolean {
    const events = this.of(user);
    const at = events.findIndex((event) => event.id === id);
    if (at >= 0) events.splice(at, 1);
    return at >= 0;
  }
}

export type EventQuery = { from?: string; to?: string; title?: string };
export type EventList = { items: CalendarEvent[]; total: number };

/** The matching events, the earliest first; undefined if a time is invalid. */
export function findEvents(events: readonly CalendarEvent[], { from, to, title }: EventQuery): EventList | undefined {
  const [after, before] = [from, to].map((text) => (text === undefined ? undefined : Date.parse(text)));
  if (Number.isNaN(after) || Number.isNaN(before)) return undefined;
  const items = events
    .filter(({ startsAt }) => Date.parse(startsAt) >= (after ?? Number.NEGATIVE_INFINITY))
    .filter(({ startsAt }) => Date.parse(startsAt) < (before ?? Number.POSITIVE_INFINITY))
    .filter((event) => event.title.toLowerCase().includes((title ?? '').toLowerCase()))
    .sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  return { items, total: items.length };
}
