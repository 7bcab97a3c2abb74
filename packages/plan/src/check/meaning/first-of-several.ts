import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import { ASK } from '../../ask.ts';
import { readsOnly } from '../../execute/reads-only.ts';
import type { Reading } from '../reading.ts';
import { type Doubt, doubtOf } from './doubt.ts';
import { type PlacedUse, stepOf } from './lists.ts';
import { searchesSaid } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

/** Words by which people mean one of a list by its place. */
const ORDINALS = /\b(?:first|any|one of|newest|latest|last|next|oldest|earliest|recent|top)\b/;
const ORDER = /sort|order|rank/i;
/** Names of arguments and members that identify one thing. */
const UNIQUE =
  /^ids?$|(?:^|[_-])(?:e?mail|number|code|sku|slug|reference|isbn|iban|handle|login|username)$|(?:Email|Number|Code|Reference)$/;

/** Writes to the first item of a list that may have several, unless the plan counts, orders or asks. */
export function firstOfSeveral(
  { plan, reads }: Reading,
  tools: ReadonlyMap<string, ToolSpec>,
  {
    userTexts,
    uses,
    isKnown,
  }: { userTexts: UserTexts; uses: readonly PlacedUse[]; isKnown: (step: PlanStep) => boolean },
): Doubt[] {
  const doubts = new Map<string, Doubt>();
  for (const { path, by, site } of uses) {
    const tool = site.step && tools.get(site.step.tool);
    if (by !== 'index' || !(site.part === 'args' || site.part === 'forEach') || !tool || readsOnly(tool)) continue;
    const from = stepOf(plan, path[1]);
    const of = uses.filter((use) => use.path[1] === path[1]);
    // The planner has seen how many a step of the plan before returned.
    if (!from || from.tool === ASK.name || isKnown(from) || of.some((use) => isDecided(use, site))) continue;
    const asked = plan.steps.some(({ id, tool: name }) => name === ASK.name && reads.get(id)!.includes(from.id));
    if (
      asked ||
      (userTexts.matches(ORDINALS) && !searchesSaid(from.args, userTexts)) ||
      takes(from.args, ORDER) ||
      takes(from.args, UNIQUE)
    )
      continue;
    const why = `${from.id} may find several, and this writes to the first of them.`;
    const remedy =
      'Check with $count(…) = 1 in unless or $refuse(…), order the list, or ask with errand.ask which is meant.';
    doubts.set(site.pointer, doubtOf(site.pointer, why, remedy));
  }
  return [...doubts.values()];
}

/** Whether a use of a list says which of its items is meant. */
const isDecided = ({ by, path, sign, site }: PlacedUse, at: PlacedUse['site']): boolean =>
  ['check', '$count', '$single'].includes(by) ||
  (['sort', '$sort'].includes(by) && site === at) ||
  (by === 'compare' && sign === '=' && UNIQUE.test(path.at(-1)!) && site === at);

/** Whether an argument of a read is called so. */
const takes = (args: Json, name: RegExp): boolean =>
  [...JSON.stringify(args).matchAll(/"([\w-]+)":/g)].some(([, found]) => name.test(found!));
