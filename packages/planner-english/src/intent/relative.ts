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
