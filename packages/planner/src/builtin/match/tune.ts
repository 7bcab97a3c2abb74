// Order and page size of a list: from "the 5 largest", and from how much the answer has to see.

import { best } from '../lexicon/likeness.ts';
import { type Term, terms } from '../lexicon/words.ts';

import type { Slot } from '../tools/inputs.ts';
import type { Scope, Step } from './draft.ts';

/** Adds sort, order and limit to the goal's arguments. `sifted`: rows are filtered here, so all of them are wanted. */
export function tune(goal: Step, scope: Scope, sifted: boolean): void {
  if (scope.writes) return;
  const { operation } = goal;
  const { picking } = scope.clause;
  const free = (slot: Slot) => !goal.args.some((arg) => arg.slot === slot);
  const top = picking.top;
  let sorted = false;
  if (top !== undefined) {
    const sort = operation.slots.find((slot) => slot.use === 'sort' && free(slot));
    const order = operation.slots.find((slot) => slot.use === 'order' && free(slot));
    const value = sort && sortValue(sort, top.by, top.descending);
    if (sort !== undefined && value !== undefined) {
      goal.args.push({ slot: sort, value });
      sorted = order !== undefined || /desc|asc|^[-+]|[-+]$/i.test(value);
      const direction = order?.shape.enum?.find((one) =>
        String(one)
          .toLowerCase()
          .startsWith(top.descending ? 'desc' : 'asc'),
      );
      if (order !== undefined && direction !== undefined) goal.args.push({ slot: order, value: String(direction) });
    }
  }
  const limit = operation.slots.find((slot) => slot.use === 'limit' && free(slot));
  if (limit === undefined) return;
  const most = Math.min(limit.shape.maximum ?? 100, 1000);
  if (sorted && !sifted && top!.many !== Number.POSITIVE_INFINITY)
    goal.args.push({ slot: limit, value: Math.max(limit.shape.minimum ?? 1, Math.min(most, top!.many ?? 1)) });
  else goal.args.push({ slot: limit, value: most });
}

/** The sort that some words mean; for values that hold a direction ("price_desc", "-price") the one asked for. */
function sortValue(slot: Slot, by: readonly Term[], descending: boolean): string | undefined {
  const values = (slot.shape.enum ?? []).filter((one): one is string => typeof one === 'string');
  const falls = (value: string) => /(?:^-|desc|[._: -](?:down|high_low)|newest|latest)/i.test(value);
  const rises = (value: string) => /asc|^\+|oldest/i.test(value);
  const scored = values
    .map((value) => {
      const parts = terms(value.replace(/asc|desc/gi, ''));
      const like = by.reduce((top, one) => Math.max(top, best(one, parts)), 0);
      const way = falls(value)
        ? descending
          ? 0.2
          : -0.5
        : rises(value)
          ? descending
            ? -0.5
            : 0.2
          : values.some((other) => falls(other))
            ? descending
              ? -0.5
              : 0.2
            : 0;
      return { value, like, score: like + way };
    })
    .filter(({ like }) => like >= 0.75)
    .sort((a, b) => b.score - a.score);
  return scored[0]?.value;
}
