import type { Json, PlanStep } from '@errand/contracts';
import type { Reading } from '../../reading/reading.ts';
import { ASK } from '../../tools/ask.ts';
import { readsOnly } from '../../tools/reads-only.ts';
import { type Doubt, doubtOf, type Evidence } from './doubt.ts';
import { type PlacedUse, remembered, stepOf } from './lists.ts';
import { searchesSaid } from './literals.ts';

/** Words for the position of an item in a list. */
const ORDINALS = /\b(?:first|any|one of|newest|latest|last|next|oldest|earliest|recent|top)\b/;
const ORDER = /sort|order|rank/i;
/** Names of arguments and members that identify one thing. */
const UNIQUE =
  /^ids?$|(?:^|[_-])(?:e?mail|number|code|sku|slug|reference|isbn|iban|handle|login|username)$|(?:Email|Number|Code|Reference)$/;

/** Writes to the first item of a list that may have several, unless the plan counts, orders or asks. */
export function firstOfSeveral({ plan, reads }: Reading, evidence: Evidence): Doubt[] {
  const { tools, userTexts, literals, uses, isKnown } = evidence;
  const doubts: Doubt[] = [];
  const checked = new Set(uses.flatMap(({ path, by }) => (CHECKS.includes(by) ? path[1]! : [])));
  /** Whether the plan or people say which item of a step's list is meant. */
  const isMeant = remembered((from: PlanStep): boolean => {
    const asksPerson = plan.steps.some(({ id, tool: name }) => name === ASK.name && reads.get(id)!.includes(from.id));
    const placed = userTexts.matches(ORDINALS) && !searchesSaid(literals.get(from)!.literals, userTexts);
    return checked.has(from.id) || asksPerson || placed || takes(from.args, ORDER) || takes(from.args, UNIQUE);
  });
  for (const { path, by, site, beside } of uses) {
    const tool = site.step && tools.get(site.step.tool);
    if (by !== 'index' || !(site.part === 'args' || site.part === 'forEach') || !tool || readsOnly(tool)) continue;
    const from = stepOf(plan, path[1]);
    // The planner has seen how many items a step of the previous plan returned.
    if (!from || from.tool === ASK.name || isKnown(from) || isMeant(from)) continue;
    if (beside.some((use) => use.path[1] === path[1] && isDecided(use))) continue;
    const why = `${from.id} may find several, and this writes to the first of them.`;
    const remedy =
      'Check with $count(…) = 1 in unless or $refuse(…), order the list, or ask with errand.ask which is meant.';
    doubts.push(doubtOf(site.pointer, why, remedy));
  }
  return doubts;
}

/** Uses that ensure for the whole plan that a list has one item. */
const CHECKS = ['check', '$count', '$single'];

/** Whether the expression itself selects the item. */
const isDecided = ({ by, path, sign }: PlacedUse): boolean =>
  ['sort', '$sort'].includes(by) || (by === 'compare' && sign === '=' && UNIQUE.test(path.at(-1)!));

/** Whether an argument of a read has such a name. */
const takes = (args: Json, name: RegExp): boolean =>
  [...JSON.stringify(args).matchAll(/"([\w-]+)":/g)].some(([, key]) => name.test(key!));
