// How an answer is to be cut: how many, which end of an order, a count, a sum.
import { lemma } from '../lexicon/stem.ts';
import { type Term, term, terms } from '../lexicon/words.ts';
import type { Value } from './value.ts';

export type Picking = {
  /** "how many" */
  count: boolean;
  /** What "how many" counts. */
  counted?: Term;
  /** "total", "average" … of a number. */
  aggregate?: 'sum' | 'average' | 'max' | 'min';
  /** "the 5 largest", "the latest": which end of which order, and how many. */
  top?: {
    descending: boolean;
    by: readonly Term[];
    many?: number;
    time: boolean;
    /** The newest are meant, whatever else is said to be ordered by. */
    recent: boolean;
    /** The word that says so. */
    said: string;
  };
  /** What the question word asks for: a person, a time, a place. */
  asks: readonly Term[];
};

const SUPERLATIVES: readonly [RegExp, boolean, string, boolean][] = [
  [/\b(?:largest|biggest|highest|greatest|most valuable|top|maximum)\b/i, true, 'amount value size', false],
  [/\b(?:most expensive|priciest|dearest|costliest)\b/i, true, 'price', false],
  [/\b(?:smallest|lowest|minimum|least valuable)\b/i, false, 'amount value size', false],
  [/\b(?:cheapest|least expensive)\b/i, false, 'price', false],
  [/\b(?:latest|newest|most recent|last)\b/i, true, 'date created', true],
  [/\b(?:oldest|earliest)\b/i, false, 'date created', true],
  [/\bmost popular\b/i, true, 'popularity', false],
  [/\b(?:best|top|highest)[\s-]*(?:\d+[\s-]*)?rated\b/i, true, 'rating vote average', false],
  [/\bmost urgent\b/i, true, 'priority', false],
  [/\blongest\b/i, true, 'duration length', false],
  [/\bshortest\b/i, false, 'duration length', false],
  [/\bheaviest\b/i, true, 'weight', false],
];

/** "the latest movie" is one; "the latest orders", "the latest data" are an order of many. */
const isSingular = (noun: string) =>
  lemma(noun.toLowerCase()) === noun.toLowerCase() &&
  !/^(?:data|information|news|activity|sales|feedback|figures|mail|revenue|inventory)$/i.test(noun);

/** "The number of open tickets" is a count; "the number of the latest invoice" is what stands on it. */
function countsMany(text: string): boolean {
  const said = /(?:^\s*|\b(?:the|total|me|a)\s+)(?:number|count) of\s+(.+)$/i.exec(text)?.[1];
  if (said === undefined) return false;
  const things = said.split(
    /[,.;?!]|\b(?:of|in|at|on|by|for|from|with|to|that|which|who|are|is|were|was|do|does|did|we|i)\b/i,
  )[0]!;
  const list = things.toLowerCase().match(/\p{L}+/gu) ?? [];
  return list.some((word) => lemma(word) !== word) || /\b(?:people|staff|children)\b/i.test(things);
}

/** Reads the cut from one clause. Numbers that say how many are marked as taken by `ordinal`. */
export function readPicking(text: string, values: readonly Value[]): Picking {
  const asks = [
    [/\bwho(?:se|m)?\b/i, 'person'],
    [/\bwhen\b/i, 'date'],
    [/\bwhere\b/i, 'place'],
  ] as const;
  const picking: Picking = {
    count: /\bhow many\b|^\s*count\b/i.test(text) || countsMany(text),
    asks: asks.filter(([pattern]) => pattern.test(text)).map(([, word]) => term(word)),
  };
  const counted = /\bhow many\s+(\p{L}+)/iu.exec(text)?.[1];
  if (counted !== undefined) picking.counted = term(counted.toLowerCase());
  if (/\b(?:total|sum|overall|altogether|combined|how much|add up)\b/i.test(text)) picking.aggregate = 'sum';
  if (/\b(?:average|mean|avg)\b/i.test(text)) picking.aggregate = 'average';
  const found = [...SUPERLATIVES].reverse().find(([pattern]) => pattern.test(text));
  if (found !== undefined) {
    const [pattern, descending, by, time] = found;
    const match = pattern.exec(text)!;
    const beside = values.find(({ kind, compare, number, at, end, ordinal }) => {
      if (kind !== 'number' || compare !== undefined || ordinal === true || number === undefined || number > 100)
        return false;
      const gap = at < match.index ? text.slice(end, match.index) : text.slice(match.index + match[0].length, at);
      return /^[\s-]*$/.test(gap);
    });
    // "the last 3 orders" is a count; "the last name" is no order at all.
    const noun =
      /^\s*(?:\d+\s+|(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)\s+)?([\p{L}]+)/u.exec(
        text.slice(match.index + match[0].length),
      )?.[1] ?? '';
    if (!/^(?:name|time|updated|modified|(?:hour|day|week|month|quarter|year)s?)$/i.test(noun)) {
      // "The latest sales by product" are grouped so, and not ordered.
      const asked = time ? undefined : /\bby\s+([\p{L}\s]{3,30})/iu.exec(text.slice(match.index))?.[1];
      const many = beside?.number ?? (isSingular(noun) ? undefined : Number.POSITIVE_INFINITY);
      picking.top = {
        descending,
        by: terms(asked ?? by),
        many,
        time: time && asked === undefined,
        recent: time && descending,
        said: match[0],
      };
      if (beside !== undefined) beside.ordinal = true;
    }
  }
  return picking;
}
