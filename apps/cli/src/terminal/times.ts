const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its two largest units: `62 ms`, `4.1 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return units(ms, [MINUTE, 'min'], [SECOND, 's']);
  if (ms < DAY) return units(ms, [HOUR, 'h'], [MINUTE, 'min']);
  return units(ms, [DAY, 'd'], [HOUR, 'h']);
}

type Unit = readonly [ms: number, name: string];

function units(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const smalls = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${smalls > 0 ? ` ${smalls} ${smallName}` : ''}`;
}

const inWhole = (ms: number): string => {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
};

/** `5 min ago`, or `in 5 min` for a time to come. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time);
  return ms >= 0 ? `${inWhole(ms)} ago` : `in ${inWhole(-ms)}`;
}

/** A time in the time zone of this machine: `2026-11-30 14:05:09`. */
export function localTime(time: string): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** @returns the moment so long ago (`24h`, `7d`), or a time as it was written; undefined for anything else */
export function parseSince(text: string, now: number): string | undefined {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now - Number(count) * UNITS[unit!]!).toISOString();
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
