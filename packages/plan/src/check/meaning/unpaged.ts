import { isRecord } from '@errand/basics/is-record';
import type { Json, ToolSpec } from '@errand/contracts';
import { readsOnly } from '../../execute/reads-only.ts';
import { resolved } from '../../schema/schema-at.ts';
import type { Reading } from '../reading.ts';
import { type Doubt, doubtOf } from './doubt.ts';
import { membersOf, type PlacedUse, stepOf } from './lists.ts';
import { literalsOf, searchesSaid } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

/** Names of page arguments, and of members that say whether there is more; letters only, in small letters. */
const LEADS_ON =
  /^(?:page(?:number|no|index|num|token|cursor)?|cursor|offset|skip|after|before|startingafter|startafter|startat|startindex|start|nexttoken|nextpagetoken|nextcursor|continuationtoken|continue|marker|sincetoken|pagetoken)$/;
/** Those of the arguments that elsewhere bound a time or a position. */
const MAY_BE_A_BOUND = /^(?:after|before|start|marker|continue)$/;
const TELLS_OF_MORE =
  /^(?:next(?:page|cursor|token|pagetoken|link|url|offset|href|pageurl)?|(?:end|page)?cursor|(?:has|is)(?:more|next|nextpage|truncated|lastpage)|more|truncated|total(?:count|items|results|pages|elements|records|size|rows|hits)?|pagecount|itemcount|numpages|lastpage|incompleteresults|continuationtoken|marker|searchafter)$/;
const WHOLE_LISTS = new Set(
  'loop filter sort $count $sum $average $max $min $sort $filter $distinct $join $reduce $reverse'.split(' '),
);
const SIZE = /^(?:limit|pagesize|perpage|maxresults|size|top|take|first|count|maxitems)$/;

/** The last of the names, in small letters and without signs. */
const bare = (names: string): string =>
  names
    .slice(names.lastIndexOf('.') + 1)
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();

/** Reads of a single page whose list the plan uses as the whole list: it counts, sorts, filters or loops over it. */
export function unpaged(
  { plan, analyses }: Reading,
  tools: ReadonlyMap<string, ToolSpec>,
  { userTexts, uses }: { userTexts: UserTexts; uses: readonly PlacedUse[] },
): Doubt[] {
  const doubts = new Map<string, Doubt>();
  const read = new Set(
    [...analyses.values()].flatMap((one) => (one.ok ? one.members.map((path) => path.join('.')) : [])),
  );
  for (const use of uses) {
    const step = stepOf(plan, use.path[1]);
    const tool = step && tools.get(step.tool);
    if (!step || !tool || step.pages || !WHOLE_LISTS.has(use.by) || doubts.has(`${step.id} ${use.site.pointer}`))
      continue;
    const into = pageOf(tool);
    if (
      into === undefined ||
      isPart(use, uses) ||
      isMeantSize(step.args, userTexts) ||
      isLookup(use, step.args, userTexts)
    )
      continue;
    // The plan reads the cursor or the total itself.
    if (tellsOfMore(tool).some((name) => read.has(`steps.${step.id}.output.${name}`))) continue;
    const why = `${tool.operation} gives one page, and there may be more; here the list counts as if it were whole.`;
    const remedy = `Give the step ${step.id} "pages" (its page argument is ${into}), or let the service filter, sort or count.`;
    doubts.set(`${step.id} ${use.site.pointer}`, doubtOf(use.site.pointer, why, remedy));
  }
  return [...doubts.values()];
}

/** The argument by which a read leads to further pages; dots between names. An argument that may be a bound needs an answer that may have more. */
function pageOf(tool: ToolSpec): string | undefined {
  const { inputSchema, outputSchema } = tool;
  if (!readsOnly(tool) || outputSchema === undefined) return undefined;
  const leading = [...membersOf(inputSchema, inputSchema)].flatMap(([name, schema]) =>
    isScalar(schema) && LEADS_ON.test(bare(name)) ? name : [],
  );
  const certain = leading.find((name) => !MAY_BE_A_BOUND.test(bare(name)));
  const answer = resolved(outputSchema, outputSchema);
  const isBareList = isRecord(answer) && answer.type === 'array';
  return certain ?? (isBareList || tellsOfMore(tool).length > 0 ? leading[0] : undefined);
}

/** Names of the members of an answer that say whether there is more. */
const tellsOfMore = ({ outputSchema }: ToolSpec): string[] =>
  outputSchema === undefined
    ? []
    : [...membersOf(outputSchema, outputSchema).keys()].filter((name) => TELLS_OF_MORE.test(bare(name)));

const isScalar = (schema: unknown): boolean =>
  !isRecord(schema) || !(['object', 'array'].includes(String(schema.type)) || /^date/.test(String(schema.format)));

/** Whether the expression takes some items by their places: `items[[0..4]]`. */
const isPart = (use: PlacedUse, uses: readonly PlacedUse[]): boolean =>
  use.by === 'loop' &&
  uses.some(({ by, path, site }) => by === 'index' && site === use.site && path[1] === use.path[1]);

/** Whether a filter picks one thing out of those that the service found by a name or words that people said. */
const isLookup = (use: PlacedUse, args: Json, userTexts: UserTexts): boolean =>
  (use.by === 'filter' || use.by === '$filter') && searchesSaid(args, userTexts);

/** Whether people said how many items are wanted, or one alone is. */
const isMeantSize = (args: Json, userTexts: UserTexts): boolean =>
  literalsOf(args, '').some(({ pointer, value }) => {
    if (typeof value !== 'number' || !SIZE.test(bare(pointer.replaceAll('/', '.')))) return false;
    return value === 1 || (value < 100 && userTexts.includesExactly(value));
  });
