// How an answer is to be cut: how many, which end of an order, a count, a sum.
import { lemma } from '../lexicon/stem.ts';
import { type Term, term, terms } from '../lexicon/words.ts';
import { SMALL } from './number-words.ts';
import { unitOf } from './units.ts';
import type { Value } from './value.ts';

export type Picking = {
  /** "how many" */
  count: boolean;
  /** What "how many" counts. */
  counted?: Term;
  /** "total", "average" of a number. */
  aggregate?: 'sum' | 'average';
  /** "the 5 largest", "the latest": which end of which order, and how many. */
  top?: {
    descending: boolean;
    by: readonly Term[];
    many?: number;
    time: boolean;
    /** The newest are meant, whatever else is said to be ordered by. */
    recent: boolean;
    /** "the most hours": by what has no order of its own, it is no order at all. */
    most?: boolean;
    /** The word that says so. */
    said: string;
  };
  /** What the question word asks for: a person, a time, a place. */
  asks: readonly Term[];
};

const TIME = 'date created';
const BIRTH = 'born birth';
/** "her next appointment": the first that is to come. */
export const NEXT = /\b(?:next|upcoming)\b(?!\s+(?:week|month|quarter|year|hour|(?:\p{L}+)?day|\d+))/iu;
/** "Below the minimum" is a bound, and no order. */
const BOUND = String.raw`(?<!\b(?:below|above|under|over|than)\s+(?:(?:the|their|its)\s+)?)`;
/** What says an order, whether it falls, and what it goes by. Of several the last one counts. */
const SUPERLATIVES: readonly [RegExp, boolean, string][] = [
  // Elsewhere the first one is its number: "the first season".
  [/\b(?=first\b)(?<=^\s*when\s.*)first(?=\s+\p{Ll}{3,})(?!\s+(?:name|half|aid|class|time|line|floor))/iu, false, TIME],
  [
    new RegExp(String.raw`\b(?:largest|biggest|highest|greatest|most valuable|top|${BOUND}maximum)\b`, 'i'),
    true,
    'amount value size',
  ],
  [/\b(?:most expensive|priciest|dearest|costliest)\b/i, true, 'price'],
  [new RegExp(String.raw`\b(?:smallest|lowest|${BOUND}minimum|least valuable)\b`, 'i'), false, 'amount value size'],
  [/\b(?:cheapest|least expensive)\b/i, false, 'price'],
  [/\b(?:latest|newest|most recent|last)\b/i, true, TIME],
  [/\b(?:oldest|earliest)\b/i, false, TIME],
  [/\byoungest\b/i, true, BIRTH],
  [NEXT, false, TIME],
  [/\bmost popular\b/i, true, 'popularity'],
  [/\b(?:best|top|highest)[\s-]*(?:\d+[\s-]*)?rated\b/i, true, 'rating vote average'],
  [/\bbest(?=\s+(?:\p{L}+\s+){0,2}(?:score|rating|mark|grade|result|review)s?\b)/iu, true, 'score rating mark grade'],
  [/\bworst(?=\s+(?:\p{L}+\s+){0,2}(?:score|rating|mark|grade|result|review)s?\b)/iu, false, 'score rating mark grade'],
  [/\bmost urgent\b/i, true, 'priority'],
  [/\blongest\b/i, true, 'duration length'],
  [/\bshortest\b/i, false, 'duration length'],
  [/\bheaviest\b/i, true, 'weight'],
];
/** "took the most hours" */
const MOST =
  /\b(?:(?:took|takes?|had|spent|got|needs?|needed|brought|made)\s+)?(?:the\s+)?(?<!\bat\s)(most|fewest|least)\s+(\p{Ll}{3,})\b/iu;

/** "the latest movie" is one; "the latest orders", "the latest data" are an order of many. */
const isSingular = (noun: string) =>
  lemma(noun) === noun &&
  !/^(?:data|information|news|activity|sales|feedback|figures|mail|revenue|inventory)$/.test(noun);

/** "The number of open tickets" is a count; "the number of the latest invoice" is what stands on it. */
function countsMany(text: string): boolean {
  const [, said = ''] = /(?:^\s*|\b(?:the|total|me|a)\s+)(?:number|count) of\s+(.+)$/i.exec(text) ?? [];
  const border = /[,.;?!]|\b(?:of|in|at|on|by|for|from|with|to|that|which|who|are|is|were|was|do|does|did|we|i)\b/i;
  const things =
    said
      .split(border)[0]!
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  return things.some((word) => lemma(word) !== word || /^(?:people|staff|children)$/.test(word));
}

const ASKS: readonly [RegExp, Term][] = [
  [/\bwho(?:se|m)?\b/i, term('person')],
  [/\bwhen\b/i, term('date')],
  [/\bwhere\b/i, term('place')],
];

/** Reads the cut from one clause. Numbers that say how many are marked as taken by `ordinal`. */
export function readPicking(text: string, values: readonly Value[]): Picking {
  const [, things] = /\bhow many\s+(\p{L}+)/iu.exec(text) ?? [];
  // "How many euros of fees": a sum.
  const inMoney = things !== undefined && unitOf(things)?.kind === 'money';
  const counted = inMoney ? undefined : things;
  // "What does she pay, all open invoices together" is one sum; "show the invoices together" are a list.
  // "With number, customer and total": what stands on each.
  const asked = text.replace(/\bwith\s[^.?!]*(?:,|\band)\s+(?:the\s+)?(?:total|sum)\b/i, '');
  const isSum =
    inMoney ||
    /\b(?:total|sum|overall|altogether|combined|how much|add(?:s|ed|ing)? up)\b/i.test(asked) ||
    /\bwhat\b.*\b(?:come|amount)(?:s|ed)? to\s*(?:[?.!]|$|in all\b|together\b)/i.test(text) ||
    /\bwhat\b.*(?:\btogether\s*(?:[?.!]|$)|\bowes?\b)/i.test(text);
  const picked = topOf(text, values);
  // "How much was the latest invoice" asks for what stands on one, and sums nothing.
  // "The top 3 gifts: who gave how much?" asks for it of each.
  const isOfEach = picked.top !== undefined && /\bwho\b.*\bhow much\b/i.test(text);
  const isOfOne = isOfEach || (picked.top !== undefined && picked.top.many === undefined && /\bhow much\b/i.test(text));
  // "The best average score" is one that stands there.
  const isField =
    picked.top !== undefined &&
    /^\s+(?:average|mean|avg|total)\b/i.test(text.slice(text.indexOf(picked.top.said) + picked.top.said.length));
  const isAverage = /\b(?:average|mean|avg)\b/i.test(text);
  const aggregate = isField ? undefined : isAverage ? 'average' : isSum && !isOfOne ? 'sum' : undefined;
  return {
    count: (!inMoney && /\bhow many\b|^\s*count\b/i.test(text)) || countsMany(text),
    asks: ASKS.flatMap(([pattern, word]) => (pattern.test(text) ? [word] : [])),
    ...(counted !== undefined && { counted: term(counted.toLowerCase()) }),
    ...(aggregate && { aggregate }),
    ...picked,
  };
}

const NOUN = new RegExp(`^\\s*(?:(?:\\d+|${[...SMALL.keys()].join('|')})\\s+)?(\\p{L}+)`, 'iu');

/** What follows "last" where that says no order. */
/** "The last time entry" is a thing. */
const THING = /^\s+(?:time|day|month|week|year)\s+(?:card|entr(?:y|ies)|log|pass|record|report|sheet|slot|ticket)/i;
const NO_ORDER = /^(?:name|time|updated|modified|(?:hour|day|week|month|quarter|year)s?)$/;

/** "The 3 largest", "three bikes with the largest" */
const BESIDE = /^(?:[\s-]*|\s+(?:\p{L}+\s+){1,2}(?:with|that have|having|have|has|had|are|were|cost)\s+(?:the\s+)?)$/u;

/** "Which order has": one is asked for. */
const OF_ONE = /^\s*(?:which|what)\s+(?:\p{Ll}+\s+){0,2}?\p{Ll}*[^s\W]\s+(?:has|took|had|is|was|have|did)\b/iu;

/** "Which three orders took the most hours": the number stands before the things. */
function mostOf(
  text: string,
  values: readonly Value[],
  match: RegExpExecArray,
  descending: boolean,
): Pick<Picking, 'top'> {
  const beside = values.find(
    ({ kind, compare, number, ordinal, end }) =>
      kind === 'number' && compare === undefined && !ordinal && number! <= 100 && end <= match.index,
  );
  if (beside !== undefined) beside.ordinal = true;
  const [, holder] = /(\p{L}+)\s+(?:with|that has|having)\s*$/iu.exec(text.slice(0, match.index)) ?? [];
  const isOne = OF_ONE.test(text) || (holder !== undefined && isSingular(holder.toLowerCase()));
  const many = beside?.number ?? (isOne ? undefined : Number.POSITIVE_INFINITY);
  return { top: { descending, by: terms(match[2]!), many, time: false, recent: false, most: true, said: match[0] } };
}

function topOf(text: string, values: readonly Value[]): Pick<Picking, 'top'> {
  const [, way, what] = MOST.exec(text) ?? [];
  const most: (typeof SUPERLATIVES)[number] | undefined =
    what === undefined ? undefined : [MOST, /most/i.test(way!), what];
  const restOf = (match: RegExpExecArray) => text.slice(match.index + match[0].length);
  const nounOf = (match: RegExpExecArray) => NOUN.exec(restOf(match))?.[1]?.toLowerCase() ?? '';
  // "the last 3 orders" is a count; "the last name" is no order at all, nor is the last month in "the biggest gift last month".
  const isOrder = (match: RegExpExecArray | null) =>
    match !== null &&
    !(/^(?:last|first|top|best)$/i.test(match[0]) && NO_ORDER.test(nounOf(match)) && !THING.test(restOf(match)));
  const [pattern, descending, order] = SUPERLATIVES.findLast(([one]) => isOrder(one.exec(text))) ?? most ?? [];
  const match = pattern?.exec(text);
  if (match == null) return {};
  if (pattern === MOST) return mostOf(text, values, match, descending!);
  const rest = restOf(match);
  const noun = nounOf(match);
  const beside = values.find(({ kind, compare, number, at, end, ordinal }) => {
    const gap = at < match.index ? text.slice(end, match.index) : text.slice(match.index + match[0].length, at);
    return kind === 'number' && compare === undefined && !ordinal && number! <= 100 && BESIDE.test(gap);
  });
  if (beside !== undefined) beside.ordinal = true;
  const time = order === TIME || order === BIRTH;
  // "The latest sales by product" are grouped so, and not ordered.
  const behind = time ? null : /\bby\s+([\p{L}\s]{3,30})/iu.exec(text.slice(match.index));
  // "The largest deals owned by Ana" go by no Ana.
  const from = behind === null ? -1 : match.index + behind.index + behind[0].indexOf(behind[1]!);
  const [, asked] = values.some(({ at }) => at === from) ? [] : (behind ?? []);
  // "The earliest close date"
  const [, dated] = time ? (/^\s*(\p{L}+)\s+(?:date|day|time)\b/iu.exec(rest) ?? []) : [];
  const isOne = isSingular(noun) || OF_ONE.test(text.slice(0, match.index));
  const many = beside?.number ?? (isOne ? undefined : Number.POSITIVE_INFINITY);
  return {
    top: {
      descending: descending!,
      // "the highest credit limit"; "the largest events by guests" go by nothing else.
      by:
        time || asked !== undefined
          ? terms(asked ?? dated ?? order!)
          : [...terms(rest.split(/[,.;?!]|\b(?:of|in|that|which|with|for|\w+ed)\b/)[0]!).slice(0, 3), ...terms(order!)],
      many,
      time,
      recent: order === TIME && dated === undefined && descending!,
      said: match[0],
    },
  };
}
