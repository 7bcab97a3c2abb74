import { isRecord } from '@errand/basics/is-record';
import type { PlanStep, ToolSpec } from '@errand/contracts';
import type { Reading } from '../../reading/reading.ts';
import { resolved } from '../../schema/schema-at.ts';
import { readsOnly } from '../../tools/reads-only.ts';
import { type Doubt, doubtOf, type Evidence } from './doubt.ts';
import { membersOf, type PlacedUse, remembered, stepOf } from './lists.ts';
import { type Literal, searchesSaid } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

/** Names of page arguments, and of members that say whether there is more; lower case, letters only. */
const LEADS_ON =
  /^(?:page(?:number|no|index|num|token|cursor)?|cursor|offset|skip|after|before|startingafter|startafter|startat|startindex|start|nexttoken|nextpagetoken|nextcursor|continuationtoken|continue|marker|sincetoken|pagetoken)$/;
/** Page arguments that elsewhere bound a time or a position. */
const MAY_BE_A_BOUND = /^(?:after|before|start|marker|continue)$/;
const TELLS_OF_MORE =
  /^(?:next(?:page|cursor|token|pagetoken|link|url|offset|href|pageurl)?|(?:end|page)?cursor|(?:has|is)(?:more|next|nextpage|truncated|lastpage)|more|truncated|total(?:count|items|results|pages|elements|records|size|rows|hits)?|pagecount|itemcount|numpages|lastpage|incompleteresults|continuationtoken|marker|searchafter)$/;
const WHOLE_LISTS = new Set(
  'loop filter sort $count $sum $average $max $min $sort $filter $distinct $join $reduce $reverse'.split(' '),
);
const FILTERS = new Set(['filter', '$filter']);
const SIZE = /^(?:limit|pagesize|perpage|maxresults|size|top|take|first|count|maxitems)$/;

/** The last name of a dotted path, in lower case and letters only. */
const bare = (names: string): string => names.replace(/^.*\.|[^A-Za-z]/g, '').toLowerCase();

/** Reads of a single page that the plan uses as the whole list: it counts, sorts, filters or loops over it. */
export function unpaged({ plan, analyses }: Reading, { tools, userTexts, literals, uses }: Evidence): Doubt[] {
  const doubts: Doubt[] = [];
  const read = new Set(
    [...analyses.values()].flatMap((analysis) => (analysis.ok ? analysis.members.map((path) => path.join('.')) : [])),
  );
  const pageArgument = remembered(pageOf);
  const isSearch = remembered((step: PlanStep) => searchesSaid(literals.get(step)!.literals, userTexts));
  /** Whether people gave the number of items, or the plan reads the cursor or the total itself. */
  const isEnough = remembered(
    (step: PlanStep): boolean =>
      isMeantSize(literals.get(step)!.literals, userTexts) ||
      tellsOfMore(tools.get(step.tool)!).some((name) => read.has(`steps.${step.id}.output.${name}`)),
  );
  for (const use of uses) {
    const step = stepOf(plan, use.path[1]);
    const tool = step && tools.get(step.tool);
    if (!step || !tool || step.pages || !WHOLE_LISTS.has(use.by)) continue;
    const into = pageArgument(tool);
    // A filter may select one thing from the matches of a search for people's words.
    if (into === undefined || isPart(use) || isEnough(step) || (FILTERS.has(use.by) && isSearch(step))) continue;
    const why = `${tool.operation} gives one page, and there may be more; here the list counts as if it were whole.`;
    const remedy = `Give the step ${step.id} "pages" (its page argument is ${into}), or let the service filter, sort or count.`;
    doubts.push(doubtOf(use.site.pointer, why, remedy));
  }
  return doubts;
}

/** The argument for further pages, dots between names. An argument that may be a bound counts only if the answer may have more. */
function pageOf(tool: ToolSpec): string | undefined {
  const { inputSchema, outputSchema } = tool;
  if (!readsOnly(tool) || outputSchema === undefined) return undefined;
  const leading = [...membersOf(inputSchema, inputSchema)].flatMap(([name, schema]) =>
    isScalar(schema) && LEADS_ON.test(bare(name)) ? name : [],
  );
  const answer = resolved(outputSchema, outputSchema);
  const hasMore = tellsOfMore(tool).length > 0 || (isRecord(answer) && answer.type === 'array');
  return leading.find((name) => hasMore || !MAY_BE_A_BOUND.test(bare(name)));
}

/** Names of the members of an answer that say whether there is more. */
const tellsOfMore = ({ outputSchema }: ToolSpec): string[] =>
  outputSchema === undefined
    ? []
    : [...membersOf(outputSchema, outputSchema).keys()].filter((name) => TELLS_OF_MORE.test(bare(name)));

const isScalar = (schema: unknown): boolean =>
  !isRecord(schema) || !(['object', 'array'].includes(String(schema.type)) || /^date/.test(String(schema.format)));

/** Whether the expression takes some items by position: `items[[0..4]]`. */
const isPart = (use: PlacedUse): boolean =>
  use.by === 'loop' && use.beside.some(({ by, path }) => by === 'index' && path[1] === use.path[1]);

/** Whether people gave the number of items, or ask for a single one. */
const isMeantSize = (literals: readonly Literal[], userTexts: UserTexts): boolean =>
  literals.some(({ pointer, value }) => {
    if (typeof value !== 'number' || !SIZE.test(bare(pointer.replaceAll('/', '.')))) return false;
    return value === 1 || (value < 100 && userTexts.includesExactly(value));
  });
