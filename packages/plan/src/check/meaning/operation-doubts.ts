import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import type { PlanAnalysis } from '../../analysis/plan-analysis.ts';
import { branchesOf, resolveReference } from '../../schema/schema-at.ts';
import { ASK } from '../../tools/ask.ts';
import { readsOnly } from '../../tools/reads-only.ts';
import { createDoubt, type Doubt } from '../complaint.ts';
import type { DescribedOutputs } from '../described.ts';
import type { Evidence, PlacedOperation } from './evidence.ts';
import { isMoment, type Literal, searchesUserText } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

// Doubts about operations: on one item of several, on one page of several, and comparisons that cannot be true.

/** Words for the position of an item in a list. */
const ORDINALS = /\b(?:first|any|one of|newest|latest|last|next|oldest|earliest|recent|top)\b/;
const ORDER = /sort|order|rank/i;
/** Names of arguments and members that identify one thing. */
const UNIQUE =
  /^ids?$|(?:^|[_-])(?:e?mail|number|code|sku|slug|reference|isbn|iban|handle|login|username)$|(?:Email|Number|Code|Reference)$/;

/** Writes to the first item of a list that may have several, unless the plan counts, orders or asks. */
export function doubtFirstOfSeveral({ plan, reads }: PlanAnalysis, evidence: Evidence): Doubt[] {
  const { tools, userTexts, literals, operations, isInPreviousPlan } = evidence;
  const doubts: Doubt[] = [];
  const checked = new Set(operations.flatMap(({ path, kind }) => (CHECKS.includes(kind) ? path[1]! : [])));
  /** Whether the plan or people say which item of a step's list is meant. */
  const isMeant = memoize((from: PlanStep): boolean => {
    const asksPerson = plan.steps.some(({ id, tool: name }) => name === ASK.name && reads.get(id)!.includes(from.id));
    const placed = userTexts.matches(ORDINALS) && !searchesUserText(literals.get(from)!.literals, userTexts);
    return (
      checked.has(from.id) || asksPerson || placed || hasArgument(from.args, ORDER) || hasArgument(from.args, UNIQUE)
    );
  });
  for (const { path, kind, site, siblings } of operations) {
    const tool = site.step && tools.get(site.step.tool);
    if (kind !== 'index' || !(site.part === 'args' || site.part === 'forEach') || !tool || readsOnly(tool)) continue;
    const from = stepOf(plan, path[1]);
    // The planner has seen how many items a step of the previous plan returned.
    if (!from || from.tool === ASK.name || isInPreviousPlan(from) || isMeant(from)) continue;
    if (siblings.some((use) => use.path[1] === path[1] && isDecided(use))) continue;
    const why = `${from.id} may find several, and this writes to the first of them.`;
    const remedy =
      'Check with $count(…) = 1 in unless or $refuse(…), order the list, or ask with errand.ask which is meant.';
    doubts.push(createDoubt(site.pointer, why, remedy));
  }
  return doubts;
}

/** Uses that ensure for the whole plan that a list has one item. */
const CHECKS = ['check', '$count', '$single'];

/** Whether the expression itself selects the item. */
const isDecided = ({ kind, path, sign }: PlacedOperation): boolean =>
  ['sort', '$sort'].includes(kind) || (kind === 'compare' && sign === '=' && UNIQUE.test(path.at(-1)!));

/** Whether an argument of a read has such a name. */
const hasArgument = (args: Json, name: RegExp): boolean =>
  [...JSON.stringify(args).matchAll(/"([\w-]+)":/g)].some(([, key]) => name.test(key!));

/** Names of page arguments, and of members that say whether there is more; lower case, letters only. */
const PAGE_ARGUMENT =
  /^(?:page(?:number|no|index|num|token|cursor)?|cursor|offset|skip|after|before|startingafter|startafter|startat|startindex|start|nexttoken|nextpagetoken|nextcursor|continuationtoken|continue|marker|sincetoken|pagetoken)$/;
/** Page arguments that elsewhere bound a time or a position. */
const MAY_BE_A_BOUND = /^(?:after|before|start|marker|continue)$/;
const MORE_MEMBER =
  /^(?:next(?:page|cursor|token|pagetoken|link|url|offset|href|pageurl)?|(?:end|page)?cursor|(?:has|is)(?:more|next|nextpage|truncated|lastpage)|more|truncated|total(?:count|items|results|pages|elements|records|size|rows|hits)?|pagecount|itemcount|numpages|lastpage|incompleteresults|continuationtoken|marker|searchafter)$/;
const WHOLE_LISTS = new Set(
  'loop filter sort $count $sum $average $max $min $sort $filter $distinct $join $reduce $reverse'.split(' '),
);
const FILTERS = new Set(['filter', '$filter']);
const SIZE = /^(?:limit|pagesize|perpage|maxresults|size|top|take|first|count|maxitems)$/;

/** The last name of a dotted path, in lower case and letters only. */
const lastName = (names: string): string => names.replace(/^.*\.|[^A-Za-z]/g, '').toLowerCase();

/** Reads of a single page that the plan uses as the whole list: it counts, sorts, filters or loops over it. */
export function doubtUnpagedReads(
  { plan, analyses }: PlanAnalysis,
  { tools, userTexts, literals, operations }: Evidence,
): Doubt[] {
  const doubts: Doubt[] = [];
  const read = new Set(
    [...analyses.values()].flatMap((analysis) =>
      analysis.ok ? analysis.memberPaths.map((path) => path.join('.')) : [],
    ),
  );
  const pageArgument = memoize(pageArgumentOf);
  const isSearch = memoize((step: PlanStep) => searchesUserText(literals.get(step)!.literals, userTexts));
  /** Whether people gave the number of items, or the plan reads the cursor or the total itself. */
  const isEnough = memoize(
    (step: PlanStep): boolean =>
      isRequestedSize(literals.get(step)!.literals, userTexts) ||
      membersOfMore(tools.get(step.tool)!).some((name) => read.has(`steps.${step.id}.output.${name}`)),
  );
  for (const use of operations) {
    const step = stepOf(plan, use.path[1]);
    const tool = step && tools.get(step.tool);
    if (!step || !tool || step.pages || !WHOLE_LISTS.has(use.kind)) continue;
    const into = pageArgument(tool);
    // A filter may select one thing from the matches of a search for people's words.
    if (into === undefined || isSlice(use) || isEnough(step) || (FILTERS.has(use.kind) && isSearch(step))) continue;
    const why = `${tool.operation} gives one page, and there may be more; here the list counts as if it were whole.`;
    const remedy = `Give the step ${step.id} "pages" (its page argument is ${into}), or let the service filter, sort or count.`;
    doubts.push(createDoubt(use.site.pointer, why, remedy));
  }
  return doubts;
}

/** The argument for further pages, dots between names. An argument that may be a bound counts only if the answer may have more. */
function pageArgumentOf(tool: ToolSpec): string | undefined {
  const { inputSchema, outputSchema } = tool;
  if (!readsOnly(tool) || outputSchema === undefined) return undefined;
  const leading = [...membersOf(inputSchema)].flatMap(([name, schema]) =>
    isScalar(schema) && PAGE_ARGUMENT.test(lastName(name)) ? name : [],
  );
  const answer = resolveReference(outputSchema, outputSchema);
  const hasMore = membersOfMore(tool).length > 0 || (isRecord(answer) && answer.type === 'array');
  return leading.find((name) => hasMore || !MAY_BE_A_BOUND.test(lastName(name)));
}

/** Names of the members of an answer that say whether there is more. */
const membersOfMore = ({ outputSchema }: ToolSpec): string[] =>
  outputSchema === undefined
    ? []
    : [...membersOf(outputSchema).keys()].filter((name) => MORE_MEMBER.test(lastName(name)));

const isScalar = (schema: unknown): boolean =>
  !isRecord(schema) || !(['object', 'array'].includes(String(schema.type)) || /^date/.test(String(schema.format)));

/** Whether the expression takes some items by position: `items[[0..4]]`. */
const isSlice = (use: PlacedOperation): boolean =>
  use.kind === 'loop' && use.siblings.some(({ kind, path }) => kind === 'index' && path[1] === use.path[1]);

/** Whether people gave the number of items, or ask for a single one. */
const isRequestedSize = (literals: readonly Literal[], userTexts: UserTexts): boolean =>
  literals.some(({ pointer, value }) => {
    if (typeof value !== 'number' || !SIZE.test(lastName(pointer.replaceAll('/', '.')))) return false;
    return value === 1 || (value < 100 && userTexts.includesExactly(value));
  });

/** Maximum number of schemas read for one tool. */
const MAX_SCHEMAS = 500;

/** The schemas of the members of an object and its nested objects, by dotted names, with all branches of combinators. */
function membersOf(root: JsonSchema): Map<string, unknown> {
  const members = new Map<string, unknown>();
  const visited = new Set<unknown>();
  const collect = (schema: unknown, prefix: string, depth: number): void => {
    const here = resolveReference(schema, root);
    if (!isRecord(here) || visited.has(here) || visited.size > MAX_SCHEMAS) return;
    visited.add(here);
    for (const branch of branchesOf(here)) collect(branch, prefix, depth);
    for (const [name, member] of Object.entries(propertiesOf(here))) {
      if (!members.has(prefix + name)) members.set(prefix + name, member);
      if (depth > 0) collect(member, `${prefix}${name}.`, depth - 1);
    }
  };
  collect(root, '', 2);
  return members;
}

const propertiesOf = ({ properties }: JsonSchema): JsonSchema => (isRecord(properties) ? properties : {});

/** Caches a function by its argument: a plan may use a list thousands of times. */
function memoize<K, V>(compute: (key: K) => V): (key: K) => V {
  const cache = new Map<K, V>();
  return (key) => {
    if (!cache.has(key)) cache.set(key, compute(key));
    return cache.get(key)!;
  };
}

const stepOf = ({ steps }: Plan, id: string | undefined): PlanStep | undefined => steps.find((step) => step.id === id);

/** The beginning of a moment: it compares correctly with earlier and later moments. */
const MOMENT_PREFIX = /^\d{4}(?:-\d\d)?$/;

/** Comparisons that the described type cannot satisfy: another choice, a date in words, a text with a number. */
export function doubtComparisons(operations: readonly PlacedOperation[], described: DescribedOutputs): Doubt[] {
  return operations.flatMap(({ path, kind, value, sign, site }) => {
    const location = kind === 'compare' && described.find(path);
    if (!location || 'missingName' in location || location.schemas.length !== 1 || value === undefined) return [];
    const root = location.tool.outputSchema!;
    const schema = resolveReference(location.schemas[0], root);
    // `'a' in tags` compares with the items of tags.
    const single =
      isRecord(schema) && sign === 'in' && schema.items !== undefined ? resolveReference(schema.items, root) : schema;
    const remedy = isRecord(single) && misfit(single, value, sign!);
    if (!remedy) return [];
    const why = `${path.at(-1)} ${sign} ${JSON.stringify(value).slice(0, 200)} compares with what ${path.at(-1)} is not described to be.`;
    return [createDoubt(site.pointer, why, remedy)];
  });
}

function misfit(schema: JsonSchema, value: string | number | boolean, sign: string): string | undefined {
  const choices = Array.isArray(schema.enum) ? schema.enum : undefined;
  const isEquality = ['=', '!=', 'in'].includes(sign);
  if (choices && isEquality && !choices.includes(value)) {
    const listed = choices.slice(0, 20).map((choice) => JSON.stringify(choice).slice(0, 60));
    return `It is one of ${listed.join(', ')}, in exactly this spelling.`;
  }
  const types = [schema.type].flat().filter((type) => type !== 'null');
  const only = types.length === 1 ? types[0] : undefined;
  const ofText = typeof value === 'string' ? misfitOfText(schema, value, { types, isEquality }) : undefined;
  if (ofText !== undefined) return ofText;
  if (typeof value === 'number' && only === 'string')
    return 'It is a text: compare with a text, or convert it by $number(…).';
  return only === 'object' || only === 'array' ? 'It is no single value: compare a member of it.' : undefined;
}

function misfitOfText(
  { format }: JsonSchema,
  value: string,
  { types, isEquality }: { types: readonly unknown[]; isEquality: boolean },
): string | undefined {
  const isTime = format === 'date-time' || format === 'date';
  if (isTime && !isMoment(value) && (isEquality || !MOMENT_PREFIX.test(value)))
    return 'It is an ISO-8601 text: compare with one, or with a moment computed from now.';
  if (types.length > 0 && types.every((type) => type === 'number' || type === 'integer'))
    return 'It is a number: compare with a number, without quotes.';
  return types.length === 1 && types[0] === 'boolean' ? 'It is true or false: compare without quotes.' : undefined;
}
