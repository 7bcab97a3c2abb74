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

export const zoneName = (isUtc: boolean): string => (isUtc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone);

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

/** A moment as a distance, with the date and the zone on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  const isUtc = useStore(usesUtc);
  return (
    <time dateTime={at} title={`${formatTime(at, isUtc)} ${zoneName(isUtc)}`}>
      {distance(new Date(at).getTime() - now)}
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

/** @param timeStyle 'short' leaves out the seconds */
export function formatTime(at: string, isUtc: boolean, timeStyle: 'medium' | 'short' = 'medium'): string {
  return new Date(at).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle,
    ...(isUtc ? { timeZone: 'UTC' } : {}),
  });
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
