// Times and durations for people.
import { useSyncExternalStore } from 'react';
import { Store, useStore } from '../session/store.ts';

export { duration } from './duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const KEY = 'errand-utc';
/** Whether times are shown in UTC instead of the zone of the browser. */
export const usesUtc = new Store(localStorage.getItem(KEY) === 'true');
usesUtc.subscribe(() => localStorage.setItem(KEY, String(usesUtc.get())));

const formatsOf = (zone: Intl.DateTimeFormatOptions) => ({
  medium: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', ...zone }),
  short: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', ...zone }),
});
// Lists show many times, and each new formatter takes a fraction of a millisecond.
const FORMATS = { local: formatsOf({}), utc: formatsOf({ timeZone: 'UTC' }) };
const LOCAL_ZONE = FORMATS.local.medium.resolvedOptions().timeZone;

export const zoneName = (isUtc: boolean): string => (isUtc ? 'UTC' : LOCAL_ZONE);

const clock = (() => {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = Date.now();
  return {
    get: () => now,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      timer ??= setInterval(() => {
        now = Date.now();
        for (const each of listeners) each();
      }, SECOND);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
})();

/** The time, once a second. */
export const useNow = (): number => useSyncExternalStore(clock.subscribe, clock.get);

/** A value that depends on the time. The component renders again only when the value changes, not once a second. */
export const useAtNow = <T extends string | boolean>(valueAt: (now: number) => T): T =>
  useSyncExternalStore(clock.subscribe, () => valueAt(clock.get()));

/** A moment as a distance, with the date and the zone on hover. */
export function Ago({ at }: { at: string }) {
  const text = useAtNow((now) => distance(Date.parse(at) - now));
  const isUtc = useStore(usesUtc);
  return (
    <time dateTime={at} title={`${formatTime(at, isUtc)} ${zoneName(isUtc)}`}>
      {text}
    </time>
  );
}

/** A moment with date and seconds. */
export function At({ at }: { at: string }) {
  const isUtc = useStore(usesUtc);
  return (
    <time dateTime={at} title={`${zoneName(isUtc)}; ${at}`}>
      {formatTime(at, isUtc)}
    </time>
  );
}

/** @param isShort leaves out the seconds */
export function formatTime(at: string, isUtc: boolean, isShort = false): string {
  const time = Date.parse(at);
  return Number.isNaN(time)
    ? 'Invalid date'
    : FORMATS[isUtc ? 'utc' : 'local'][isShort ? 'short' : 'medium'].format(time);
}

/** "3 min ago", "in 2 h". @param ms from now; negative for the past */
function distance(ms: number): string {
  const size = Math.abs(ms);
  if (size < 5 * SECOND) return 'now';
  const [unit, name] = (
    [
      [DAY, 'd'],
      [HOUR, 'h'],
      [MINUTE, 'min'],
      [SECOND, 's'],
    ] as const
  ).find(([unit]) => size >= unit)!;
  const text = `${Math.floor(size / unit)} ${name}`;
  return ms < 0 ? `${text} ago` : `in ${text}`;
}
