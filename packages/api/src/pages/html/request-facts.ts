import type { Texts } from '../texts/en.ts';
import { facts } from './layout.ts';
import { visible } from './visible.ts';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/**
 * A time for people, such as "in 23 hours (27 Nov 2026, 09:51 UTC)".
 * @param timeZone of the reader
 */
export function momentText(
  { locale, lessThanAMinute }: Pick<Texts, 'locale' | 'lessThanAMinute'>,
  iso: string,
  now: number,
  timeZone = 'UTC',
): string {
  const at = Date.parse(iso);
  const exact = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });
  const ms = Math.abs(at - now);
  // Two days or more are given in days, two hours or more in hours.
  const [unit, size] = UNITS.find(([, length]) => ms >= 2 * length) ?? (['minute', 60_000] as const);
  const count = Math.round(ms / size);
  const isAhead = at >= now;
  const span =
    count === 0
      ? lessThanAMinute[isAhead ? 'ahead' : 'ago']
      : new Intl.RelativeTimeFormat(locale).format(isAhead ? count : -count, unit);
  return `${span} (${exact.format(at)}${timeZone === 'UTC' ? ' UTC' : `, ${timeZone}`})`;
}

/** The members of all requests to people that their pages show. */
export type RequestView = { state: string; intent: string; userId: string; expiresAt?: string | null };

/** The names that a page shows. */
type Requester = { requester?: string; userName?: string; timeZone?: string };

/** A user by name; by the id of the product only if it sent no name. */
export const userHtml = (userId: string, name: string | undefined): string =>
  name === undefined ? `<small>${visible(userId)}</small>` : visible(name);

/** The run, its user and its requester, and the expiry of an open request, as HTML. */
export const requestFacts = (
  { state, intent, userId, expiresAt }: RequestView,
  { requester, userName, timeZone, texts }: Requester & { texts: Texts },
  reason?: string,
): string =>
  facts([
    [texts.facts.errand, visible(intent)],
    [texts.facts.why, reason && visible(reason)],
    [texts.facts.for, userHtml(userId, userName)],
    [texts.facts.requestedBy, requester && visible(requester)],
    [
      texts.facts.expires,
      state === 'pending' && expiresAt ? visible(momentText(texts, expiresAt, Date.now(), timeZone)) : undefined,
    ],
  ]);
