import { randomBytes } from 'node:crypto';

export type CalendarEvent = {
  readonly id: string;
  readonly title: string;
  readonly startsAt: string;
  readonly durationMinutes: number;
  readonly location?: string;
  readonly attendees?: readonly string[];
};

/** An event as it is asked for; it lasts half an hour when nothing else is said. */
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

/** The calendars, one for each user, each with the same events to begin with. */
export class Calendars {
  readonly #calendars = new Map<string, CalendarEvent[]>();

  of(user: string): CalendarEvent[] {
    const known = this.#calendars.get(user);
    if (known) return known;
    const made = seed.map((event, i) => ({ id: `evt_${String(i + 1).padStart(4, '0')}`, ...event }));
    this.#calendars.set(user, made);
    return made;
  }

  add(user: string, event: Omit<CalendarEvent, 'id'>): CalendarEvent {
    const made = { id: `evt_${randomBytes(4).toString('hex')}`, ...event };
    this.of(user).push(made);
    return made;
  }

  remove(user: string, id: string): boolean {
    const events = this.of(user);
    const at = events.findIndex((event) => event.id === id);
    if (at >= 0) events.splice(at, 1);
    return at >= 0;
  }
}
