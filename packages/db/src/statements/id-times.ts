/**
 * The id of a row contains the time of its process, but `created_at` is database time. They differ by the clock difference, and
 * by the delay after which a request takes over the id of a crashed one.
 */
const ID_AHEAD_MS = 60_000;
const ID_BEHIND_MS = 3_600_000;

const idFloor = (ms: number): string =>
  Math.min(Math.max(0, ms), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
    .padEnd(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Rows of this time and later have no smaller ids. */
export const firstIdOf = (time: string): string => idFloor(Date.parse(time) - ID_BEHIND_MS);

/** Rows before this time have smaller ids. */
export const endOfIds = (time: string): string => idFloor(Date.parse(time) + ID_AHEAD_MS);
