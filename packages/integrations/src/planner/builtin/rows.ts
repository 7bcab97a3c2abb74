// The rows of a draft's goal as JSONata: every page, sifted by the conditions that the service could not check.
import type { Draft, Step } from './draft.ts';
import { join, output } from './jsonata.ts';

/** Rows of the goal; its output when it lists nothing. */
export function rowsOf(draft: Pick<Draft, 'goal' | 'conditions' | 'steps'>): string {
  const { goal } = draft;
  const { rows } = goal.operation.outline;
  if (rows === undefined) return output(goal.id);
  const first = join(output(goal.id), rows.path);
  const pages = draft.steps.find(({ purpose, operation }) => purpose === 'pages' && operation === goal.operation);
  const all = pages === undefined ? first : `$append(${first}, ${join(output(pages.id), rows.path)})`;
  return draft.conditions.reduce((list, condition) => `${list}[${condition}]`, all);
}

/**
 * Adds a step that reads the pages after the first, when the answer has to see every row and the service says how many there are.
 * Bounded to fifty pages.
 */
export function addPages(draft: Draft): Draft {
  const { goal } = draft;
  const { outline, slots } = goal.operation;
  const limit = goal.args.find(({ slot }) => slot.use === 'limit')?.value;
  const cursor = slots.find(({ use }) => use === 'offset') ?? slots.find(({ use }) => use === 'page');
  if (
    outline.rows === undefined ||
    outline.total === undefined ||
    typeof limit !== 'number' ||
    cursor === undefined ||
    limit < 2
  )
    return draft;
  const fromZero = cursor.shape.minimum === 0 || cursor.shape.default === 0;
  const next = cursor.use === 'offset' ? `item * ${limit}` : fromZero ? 'item' : 'item + 1';
  const step: Step = {
    ...goal,
    id: `${goal.id}p`,
    purpose: 'pages',
    args: [...goal.args.filter(({ slot }) => slot !== cursor), { slot: cursor, value: { $: next } }],
    forEach: `[1..$min([$ceil(${join(output(goal.id), outline.total.path)} / ${limit}) - 1, 50])]`,
    reason: 'Read the other pages',
  };
  const at = draft.steps.indexOf(goal) + 1;
  return { ...draft, steps: [...draft.steps.slice(0, at), step, ...draft.steps.slice(at)] };
}
