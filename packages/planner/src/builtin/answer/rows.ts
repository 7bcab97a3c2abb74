// The rows of a draft's goal as JSONata: every page, sifted by the conditions that the service could not check.
import type { Draft, Step } from '../match/draft.ts';
import { join, output, path } from './jsonata.ts';

const MAX_PAGES = 50;

/** Rows of the goal; its output when it lists nothing. */
export function rowsOf(draft: Pick<Draft, 'goal' | 'conditions' | 'steps' | 'newest'>): string {
  const { goal, newest } = draft;
  const { rows, total } = goal.operation.outline;
  if (rows === undefined) return output(goal.id);
  const first = join(output(goal.id), rows.path);
  const pages = draft.steps.find(({ purpose, operation }) => purpose === 'pages' && operation === goal.operation);
  const all =
    pages === undefined ? first : wholeOf(first, join(output(pages.id), rows.path), output(goal.id), total!.path);
  const sifted = draft.conditions.reduce((list, condition) => `${list}[${condition}]`, all);
  return newest === undefined ? sifted : newestOf(sifted, newest);
}

/** The rows of all pages. Not fewer than the service said that there are: a total over a part of them would look right. */
const wholeOf = (first: string, rest: string, goal: string, total: readonly string[]) =>
  `($a := $append(${first}, ${rest}); $o := ${goal}; $o = null ? $a : ($assert($exists($o.${path(total)}) and $count($a) >= $o.${path(total)}, "not every page was read"); $a))`;

/** Rows of the period that the newest of them is of. */
function newestOf(rows: string, { date, period }: NonNullable<Draft['newest']>): string {
  const at = path(date);
  const key =
    period.length > 0
      ? period.map((part) => `$string(${path(part)})`).join(' & " " & ')
      : `$substring($string(${at}), 0, 7)`;
  const newest = `$max($v.${at}[$type($) = "string"].$toMillis($))`;
  const groups = `$g := $l{${key}: [$]}; $m := $each($g, function($v, $k) {{"key": $k, "newest": ${newest}}})`;
  return `($l := [${rows}]; $count($l) = 0 ? [] : (${groups}; $t := $max($m.newest); $lookup($g, $m[newest = $t][0].key)))`;
}

/** The period of the newest rows as people write it. */
export const newestPeriod = ({ date, period }: NonNullable<Draft['newest']>, rows: string) =>
  period.length === 0
    ? `$substring(${rows}[0].${path(date)}, 0, 7)`
    : period.map((part) => `$string(${rows}[0].${path(part)})`).join(' & " " & ');

const PAGED: ReadonlySet<string> = new Set(['limit', 'offset', 'page']);
const CURSOR = /cursor|token|^(?:starting_?)?after$/i;

/** Whether a draft has all rows before it: they come on one page, or every page is read, or the service sorted and cut them. */
export function seesAll({ goal, steps }: Draft): boolean {
  const { operation } = goal;
  if (steps.some(({ purpose, operation: other }) => purpose === 'pages' && other === operation)) return true;
  return !operation.slots.some(({ use, name }) => PAGED.has(use) || (use === 'plumbing' && CURSOR.test(name)));
}

/**
 * Adds a step that reads the pages after the first, when the answer has to see every row and the service says how many there are.
 * Of more than fifty none is read: what is made of a part of them would be wrong.
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
    forEach: `($n := $ceil(${join(output(goal.id), outline.total.path)} / ${limit}) - 1; $assert($exists($n) and $n <= ${MAX_PAGES}, "there are more than ${(MAX_PAGES + 1) * limit}, which is more than can be read"); [1..$n])`,
    reason: 'Read the other pages',
  };
  const at = draft.steps.indexOf(goal) + 1;
  return { ...draft, steps: [...draft.steps.slice(0, at), step, ...draft.steps.slice(at)] };
}
