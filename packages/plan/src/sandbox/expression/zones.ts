// Time zones. A local time is a Date with the fields of the clock as its UTC fields.

const MAX_FORMATS = 50;
const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws Error with a hint for a name that is not an IANA time zone */
function formatOf(zone: string): Intl.DateTimeFormat {
  const cached = formats.get(zone);
  if (cached) return cached;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new Error('a time zone is a name such as Europe/Berlin');
  }
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(zone, format);
  return format;
}

/** The local time in a zone at a moment. */
export function toLocalTime(moment: Date, zone: string): Date {
  const parts = formatOf(zone).formatToParts(moment);
  const part = (type: string) => Number(parts.find((field) => field.type === type)?.value);
  const clock = new Date(0);
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  clock.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  clock.setUTCHours(part('hour'), part('minute'), part('second'), ((moment.getTime() % 1000) + 1000) % 1000);
  return clock;
}

/** The moment of a local time: the earlier one, if clocks show it twice. A time that summer time skips is read by the offset before the change. */
export function fromLocalTime(clock: Date, zone: string): Date {
  const day = 86_400_000;
  const offsets = [-day, day].map((near) => {
    const moment = new Date(clock.getTime() + near);
    return toLocalTime(moment, zone).getTime() - moment.getTime();
  });
  const moments = offsets
    .map((offset) => new Date(clock.getTime() - offset))
    .filter((moment) => toLocalTime(moment, zone).getTime() === clock.getTime());
  return moments[0] ?? new Date(clock.getTime() - offsets[0]!);
}

/** A moment in local time with the offset from UTC: `2026-11-26T10:00:00+01:00`. */
export function localText(moment: Date, zone: string): string {
  const clock = toLocalTime(moment, zone);
  const minutes = Math.round((clock.getTime() - moment.getTime()) / 60_000);
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return clock.toISOString().replace(/(\.000)?Z$/, offset);
}
