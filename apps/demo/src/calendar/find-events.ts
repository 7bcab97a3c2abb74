import type { CalendarEvent } from './events.ts';

/** As callers ask; each may be left out. */
export type EventQuery = { from?: string; to?: string; title?: string };
export type EventList = { items: CalendarEvent[]; total: number };

/** The events that match, the earliest first; undefined when a time is none. */
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
