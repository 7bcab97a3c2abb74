// Moments that hang on the moment of the run: the steps that lead to them from `now`, which a plan makes for each run.
import { dateAdd, startOf, type Unit } from '@errand/plan';

export type Move = { startOf: Unit } | { add: number; unit: Unit };
/** From `now` to a moment; none at all is `now` itself. */
export type Moves = readonly Move[];

/** `moves` is absent where a moment does not hang on `now`, or nobody can say how. */
export type Instant = { date: Date; moves?: Moves };

/** The moment that moves lead to now. */
export const instant = (now: Date, moves: Moves): Instant => ({ date: follow(now, moves), moves });

/** A moment moved on. */
export const moved = ({ date, moves }: Instant, move: Move): Instant => ({
  date: follow(date, [move]),
  ...(moves && { moves: [...moves, move] }),
});

export const start = (unit: Unit): Move => ({ startOf: unit });
export const add = (amount: number, unit: Unit): Move => ({ add: amount, unit });

/** Where moves lead from a moment. */
const follow = (from: Date, moves: Moves): Date =>
  moves.reduce((at, move) => ('add' in move ? dateAdd(at, move.add, move.unit) : startOf(at, move.startOf)), from);

/** The same as JSONata. @param now how `now` is called where the expression stands: in a filter it is `$$.now` */
export const spoken = (moves: Moves, now = 'now'): string =>
  [
    now,
    ...moves
      .filter((move) => !('add' in move) || move.add !== 0)
      .map((move) => ('add' in move ? `$dateAdd(${move.add}, "${move.unit}")` : `$startOf("${move.startOf}")`)),
  ].join(' ~> ');

/** A length in the largest unit that it is whole in. */
export function addLength(seconds: number): Move {
  const unit = ([3600, 60] as const).find((size) => seconds % size === 0);
  return unit === undefined ? add(seconds, 'second') : add(seconds / unit, unit === 60 ? 'minute' : 'hour');
}

const DAY = 86_400;
const secondsOf = (date: Date) => Math.floor(date.getTime() / 1000);

// Moments at which words are read again: every day of the week, ends of months and years, a leap day, summer and winter.
const PROBES = [
  '2031-02-28T23:50:30Z',
  '2020-03-01T00:10:00Z',
  '2026-11-25T15:57:27Z',
  '2027-01-31T12:00:00Z',
  '2027-12-31T23:59:00Z',
  '2028-01-01T00:00:30Z',
  '2028-02-29T09:30:00Z',
  '2026-07-06T06:00:00Z',
  '2026-07-07T13:15:00Z',
  '2026-07-08T10:01:00Z',
  '2026-07-09T16:45:00Z',
  '2026-07-10T08:20:00Z',
  '2026-07-10T21:20:00Z',
  '2026-07-11T11:11:00Z',
  '2026-07-12T18:00:00Z',
  '2026-10-31T07:00:00Z',
  '2029-04-30T19:30:00Z',
  '2029-05-31T14:00:00Z',
].map((text) => new Date(text));

/**
 * How words that were read as a moment lead there from `now`: the moves that agree with what is read at every one of many other
 * moments. Undefined where they are absolute, or no moves agree (a zone with a summer time, the nearest of two years).
 * @param read what the words mean at a moment
 */
export function movesOf(read: (now: Date) => Date | undefined, now: Date): Moves | undefined {
  const date = read(now);
  if (date === undefined) return undefined;
  const facts: [Date, number][] = [[now, date.getTime()]];
  let absolute = true;
  for (const [index, probe] of PROBES.entries()) {
    const found = read(probe)?.getTime();
    if (found === undefined) return undefined;
    absolute &&= found === date.getTime();
    if (absolute && index === 1) return undefined;
    facts.push([probe, found]);
  }
  return offers(now, date).find((moves) => facts.every(([from, to]) => follow(from, moves).getTime() === to));
}

/** What may lead from `now` to a moment, the plainest first. */
function offers(now: Date, date: Date): Moves[] {
  const [today, day] = [startOf(now, 'day'), startOf(date, 'day')];
  const days = (secondsOf(day) - secondsOf(today)) / DAY;
  const time = addLength(secondsOf(date) - secondsOf(day));
  const back = { ...time, add: 'add' in time ? -time.add : 0 };
  const [dayOfMonth, month, weekday] = [day.getUTCDate(), day.getUTCMonth(), (day.getUTCDay() + 6) % 7];
  const weeks = Array.from({ length: 36 }, (_, index) => index - 14).flatMap((shift): Moves[] => {
    const toDay = [add(shift, 'day'), start('week'), add(weekday, 'day'), time];
    return [toDay, [back, ...toDay]];
  });
  return [
    [addLength(Math.round((date.getTime() - now.getTime()) / 1000))],
    [start('day'), add(days, 'day'), time],
    // The next time that a clock shows it.
    [back, start('day'), add(1, 'day'), time],
    ...weeks,
    [start('month'), add(1, 'month'), add(-1, 'day'), time],
    // The next day of that name: one that was yesterday is a year away.
    [
      start('day'),
      add(-dayOfMonth, 'day'),
      add(12 - month, 'month'),
      start('year'),
      add(month, 'month'),
      add(dayOfMonth - 1, 'day'),
      time,
    ],
  ];
}
