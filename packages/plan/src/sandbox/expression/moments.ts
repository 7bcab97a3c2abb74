// Date arithmetic of the plan language, in UTC or in a time zone. Pure, so that a resumed plan computes the same values.
import { fromLocalTime, localText, toLocalTime } from './zones.ts';

const DAY = 86_400_000;
const lengths = { second: 1000, minute: 60_000, hour: 3_600_000, day: DAY, week: 7 * DAY } as const;
const months = { month: 1, quarter: 3, year: 12 } as const;

export type Unit = keyof typeof lengths | keyof typeof months;

const units = [...Object.keys(lengths), ...Object.keys(months)] as Unit[];

const isLength = (unit: Unit): unit is keyof typeof lengths => Object.hasOwn(lengths, unit);

/**
 * Adds whole units to a moment. A day that the month does not have becomes its last: 31 January and a month is 28 February. In a zone, days
 * and longer units follow the local calendar, also across changes of summer time.
 */
export function dateAdd(moment: Date, amount: number, unit: Unit, zone?: string): Date {
  if (zone !== undefined && !['second', 'minute', 'hour'].includes(unit))
    return fromLocalTime(dateAdd(toLocalTime(moment, zone), amount, unit), zone);
  if (isLength(unit)) return new Date(moment.getTime() + amount * lengths[unit]);
  const moved = new Date(moment);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + amount * months[unit]);
  const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(moment.getUTCDate(), last));
  return moved;
}

/** The beginning of the unit that contains a moment, in UTC or in a zone; a week begins on Monday. */
export function startOf(moment: Date, unit: Unit, zone?: string): Date {
  if (zone !== undefined) return fromLocalTime(startOf(toLocalTime(moment, zone), unit), zone);
  if (unit === 'week') return new Date(startOf(moment, 'day').getTime() - ((moment.getUTCDay() + 6) % 7) * DAY);
  if (isLength(unit)) return new Date(Math.floor(moment.getTime() / lengths[unit]) * lengths[unit]);
  const month = moment.getUTCMonth();
  return new Date(Date.UTC(moment.getUTCFullYear(), month - (month % months[unit])));
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The next day with this name after the day of a moment, in UTC or in a zone: on a Tuesday, the next Tuesday is in a week. */
function nextWeekday(moment: Date, weekday: number, zone?: string): Date {
  if (zone !== undefined) return fromLocalTime(nextWeekday(toLocalTime(moment, zone), weekday), zone);
  const days = (weekday - moment.getUTCDay() + 6) % 7;
  return new Date(startOf(moment, 'day').getTime() + (days + 1) * DAY);
}

export const isoOf = (moment: Date): string => moment.toISOString().replace(/\.000Z$/, 'Z');

/** `$dateAdd`, `$startOf`, `$next` and `$localTime` as expressions call them. @throws Error with a description of the invalid argument */
export const momentFunctions = {
  dateAdd: (moment: unknown, amount: unknown, unit: unknown, zone?: unknown): string | undefined => {
    if (moment === undefined) return undefined;
    if (typeof amount !== 'number' || !Number.isInteger(amount))
      throw new Error('$dateAdd takes a moment, a whole number and a unit');
    return toText(dateAdd(momentOf(moment), amount, unitOf(unit), optionalZone(zone)));
  },
  startOf: (moment: unknown, unit: unknown, zone?: unknown): string | undefined =>
    moment === undefined ? undefined : toText(startOf(momentOf(moment), unitOf(unit), optionalZone(zone))),
  next: (moment: unknown, weekday: unknown, zone?: unknown): string | undefined => {
    const day = WEEKDAYS.indexOf(String(weekday).toLowerCase());
    if (day < 0) throw new Error(`$next takes a moment and one of ${WEEKDAYS.join(', ')}`);
    if (moment === undefined) return undefined;
    return toText(nextWeekday(momentOf(moment), day, optionalZone(zone)));
  },
  localTime: (moment: unknown, zone: unknown): string | undefined =>
    moment === undefined ? undefined : localText(momentOf(moment), zoneOf(zone)),
};

const optionalZone = (value: unknown): string | undefined => (value === undefined ? undefined : zoneOf(value));

function zoneOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error('a time zone is a name such as Europe/Berlin');
}

function momentOf(value: unknown): Date {
  const isIso = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value);
  // As with a date, a time without a zone is in UTC, not in the machine's zone.
  const moment = new Date(isIso ? value.replace(/T[\d:.]+$/, '$&Z') : Number.NaN);
  if (Number.isNaN(moment.getTime())) throw new Error('a moment is ISO-8601 text, as now is');
  return moment;
}

function unitOf(value: unknown): Unit {
  const unit = units.find((name) => value === name || value === `${name}s`);
  if (unit === undefined) throw new Error(`a unit is one of ${units.join(', ')}`);
  return unit;
}

function toText(moment: Date): string {
  if (Number.isNaN(moment.getTime()) || moment.getUTCFullYear() > 9999 || moment.getUTCFullYear() < 1)
    throw new Error('the moment lies outside the years 1 to 9999');
  return isoOf(moment);
}
