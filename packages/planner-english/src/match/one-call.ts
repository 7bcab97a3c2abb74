// "Discard units 1 and 2": one call, where an argument takes both.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@errand/contracts';
import type { Rated, Step } from './draft.ts';

/** The drafts of copies of one clause, those together that differ in nothing but what goes into a list. */
export function inOneCall(parts: readonly (readonly Rated[])[]): (readonly Rated[])[] {
  const made: (readonly Rated[])[] = [];
  for (const part of parts) {
    const [last, next] = [made.at(-1)?.[0], part[0]];
    const both = last && next && together(last, next);
    if (both === undefined) made.push(part);
    else made.splice(-1, 1, [both]);
  }
  return made;
}

function together(one: Rated, other: Rated): Rated | undefined {
  const [a, b] = [one.draft, other.draft];
  const isCopy = one.scope.clause.copy !== undefined && one.scope.clause.at === other.scope.clause.at;
  if (!isCopy || !one.scope.writes || a.goal.operation !== b.goal.operation || a.goal.forEach !== b.goal.forEach)
    return undefined;
  const valueIn = ({ args }: Step, at: string): Json | undefined =>
    args.find(({ slot }) => slot.at.join() === at)?.value;
  const names = [...new Set([...a.goal.args, ...b.goal.args].map(({ slot }) => slot.at.join()))];
  const [differs, ...more] = names.filter((at) => !isDeepStrictEqual(valueIn(a.goal, at), valueIn(b.goal, at)));
  const list = a.goal.args.find(({ slot }) => slot.at.join() === differs && slot.many);
  if (list === undefined || more.length > 0) return undefined;
  const value = [list.value, valueIn(b.goal, differs!)!].flat() as Json;
  const goal = { ...a.goal, args: a.goal.args.map((arg) => (arg === list ? { ...arg, value } : arg)) };
  const before = [...a.steps, ...b.steps].filter((step) => step !== a.goal && step !== b.goal);
  const steps = [...new Map(before.map((step) => [step.id, step])).values(), goal];
  return { ...one, draft: { ...a, goal, steps, used: new Set([...a.used, ...b.used]) } };
}
