// A value in prose: what it is, where it stands, which words are beside it, how it is compared.
import type { ToolSpec } from '@errand/contracts';
import { STOPWORDS } from '../lexicon/stopwords.ts';
import { joinPhrases, type Term, term, words } from '../lexicon/words.ts';
import type { Moment } from './moments.ts';
import type { Period } from './periods.ts';
import type { Text } from './text.ts';

type Kind =
  | 'quoted'
  | 'email'
  | 'url'
  | 'id'
  | 'number'
  | 'moment'
  | 'period'
  | 'duration'
  | 'name'
  | 'pair'
  | 'path'
  | 'phone'
  | 'text';

export type Value = {
  kind: Kind;
  /** What the service would be sent if it takes text. */
  text: string;
  at: number;
  end: number;
  number?: number;
  /** What it counts, as it is written: kg, euros. */
  unit?: string;
  money?: boolean;
  /** What it is told for: "100 per guest". */
  per?: Term;
  /** "third episode": a position, not a quantity. */
  ordinal?: boolean;
  compare?: 'low' | 'high';
  /** "fewer than 3": it counts things. */
  counts?: boolean;
  /** It is when something has to be done: "should have been paid before today". */
  due?: boolean;
  /** From now on: "the next lesson". */
  coming?: boolean;
  /** "over" rather than "at least". */
  strict?: boolean;
  moment?: Moment;
  period?: Period;
  minutes?: number;
  /** Words next to it, nearest first. */
  before: readonly Term[];
  after: readonly Term[];
  /** Words that say what it is: right before it ("order 12") or right after it ("the Apollo project"). */
  type: readonly Term[];
  /** Words that tie it to something: before its little word ("assigned to"), or after it ("does Ana own"). */
  ties: readonly Term[];
  /** "does Ana have": who does what is asked. */
  subject?: boolean;
  /** What is its own: "Ana's open invoices". */
  owned?: readonly Term[];
  /** The word right before it is a noun, as in "order 12". */
  adjacent?: boolean;
  /** The little word in front: for, with, to, from, by, at … */
  preposition?: string;
  /** Where rows have it that were looked at: by the tool that lists them, the field, as JSONata. */
  seen?: ReadonlyMap<ToolSpec, string>;
  /** For names: whether capital letters show it, and not only the position. */
  sure?: boolean;
  fromContext: boolean;
  /** The user: "me". */
  self?: boolean;
  /** The user's address, where it is known. */
  address?: string;
  /** It may only explain, and need not be used. */
  optional?: boolean;
  /** Of which of several like clauses it is. */
  copy?: number;
  /** For pairs: the key by which an expression reads it; absent when another pair has the same. */
  key?: string;
};

const PREPOSITION =
  /^(?:for|with|of|from|by|at|to|in|on|about|called|named|titled|as|into|under|since|after|before|until|till|saying|is|regarding|re|between|per|than|against|behind)$/i;
/** "does Ana own", "has Ben made": what follows a subject is a verb. */
const BEFORE_SUBJECT = /^(?:does|do|did|has|have|had|is|was|were|are|can|should)$/i;

type Around = Pick<
  Value,
  'at' | 'end' | 'before' | 'after' | 'type' | 'ties' | 'owned' | 'subject' | 'adjacent' | 'preposition' | 'fromContext'
>;

/** Where a value stands, and the words around it. */
export function around(text: Text, at: number, end: number): Around {
  const before = text.before(at, 7);
  const [last = '', previous = ''] = [...before].reverse();
  // "The show Hamlet", where the tools are about shows.
  const isNoun = (word: string) =>
    before.slice(0, -1).some((one) => /^(?:the|an?|this|that)$/i.test(one)) && text.isThing(term(word));
  const telling = (list: readonly string[]) =>
    joinPhrases(list.map((word) => words(word).join(' ')))
      .filter((word) => word !== '' && !/^\d+$/.test(word) && (!STOPWORDS.has(word) || isNoun(word)))
      .map(term);
  const preposition = [last, previous].find((word) => PREPOSITION.test(word))?.toLowerCase();
  const next = /^\s+(?=\p{L})/u.test(text.whole.slice(end)) ? telling(text.after(end, 1)) : [];
  const direct = next.filter(({ text: word }) => !/^(?:today|yesterday|tomorrow|tonight)$/.test(word));
  const isSubject = BEFORE_SUBJECT.test(last);
  // "Do we charge Ana": a verb.
  const isDone = /^(?:i|we|you|they|he|she|it)$/i.test(previous);
  const isTitled = last !== '' && !isDone && (!STOPWORDS.has(last.toLowerCase()) || isNoun(last.toLowerCase()));
  const titled = isTitled ? telling([last]) : [];
  const ahead = before.slice(
    0,
    before.findLastIndex((word) => PREPOSITION.test(word)),
  );
  // "The rate per word of Ana": her rate.
  const tied = (ahead.at(-2) === 'per' ? ahead.slice(0, -2) : ahead).slice(-2);
  const said = titled.length > 0 || preposition === undefined ? [] : telling(tied).reverse();
  return {
    at,
    end,
    preposition,
    fromContext: false,
    type: [...titled, ...(isSubject ? [] : direct)],
    ties: [...said.slice(0, 1), ...(isSubject ? direct : [])],
    ...(/^(?:does|do|did)$/i.test(last) && { subject: true }),
    ...(/^['’]s?\s/.test(text.whole.slice(end)) && { owned: telling(text.after(end, 4).slice(1)) }),
    before: telling(before.slice(-6)).reverse(),
    after: telling(text.after(end, 3)),
    adjacent: isTitled || /^(?:no|nr|number|id)$/i.test(last),
  };
}

type Comparison = Pick<Value, 'compare' | 'strict'>;

const BEHIND: readonly [RegExp, Comparison][] = [
  [
    /^\s*(?:\+|(?:\p{L}+ )?or (?:more|above|higher|later|over|greater|better|up)|and (?:up|above|more|over|later)|plus\b)/iu,
    { compare: 'low' },
  ],
  [
    /^\s*(?:(?:\p{L}+ )?or (?:less|below|lower|fewer|earlier|under|cheaper)|and (?:below|under|less))/iu,
    { compare: 'high' },
  ],
];
const IN_FRONT: readonly [RegExp, Comparison][] = [
  [
    /(?:\b(?:at least|(?:no|not) less than|min(?:imum(?: of)?)?|from|starting (?:at|from)|since|no earlier than|not before|no (?:lower|fewer) than)|>=|≥)\s*$/i,
    { compare: 'low' },
  ],
  [
    /(?:\b(?:at most|(?:no|not) more than|max(?:imum(?: of)?)?|up to|until|till|through|no later than|within|not exceeding|by)|<=|≤)\s*$/i,
    { compare: 'high' },
  ],
  [
    /(?:\b(?:over|above|(?:more|greater|bigger|larger|higher|longer|older) than|exceed(?:s|ing)?|upwards of|beyond|after|in excess of)|>)\s*$/i,
    { compare: 'low', strict: true },
  ],
  [
    /(?:\b(?:under|below|(?:less|fewer|smaller|lower|cheaper|shorter|younger|earlier) than|before|prior to)|<)\s*$/i,
    { compare: 'high', strict: true },
  ],
];
const FILLERS =
  /(?:\b(?:(?:the\s+)?(?:beginning|start)\s+of(?:\s+the)?|(?<=\b(?:until|till|by|through)\s+)the\s+end\s+of|of|the|a|an|about|approximately|around)|[$€£¥])\s*$/i;

/** What a comparison beside a value says. */
export function comparison(before: string, after: string): Comparison {
  const plain = before.slice(-200).replace(FILLERS, '').replace(/\s+$/, ' ');
  const said = BEHIND.find(([pattern]) => pattern.test(after)) ?? IN_FRONT.find(([pattern]) => pattern.test(plain));
  return said?.[1] ?? {};
}

/** "between March 1 and April 3", "from 10 to 50": the first bounds from below, the second from above. */
export function pair(text: string, values: Value[]): void {
  const sorted = values.sort((a, b) => a.at - b.at);
  for (const [index, value] of sorted.entries()) {
    const next = sorted[index + 1];
    const isJoined = next && /^\s*(?:and|to|until|till|-|–)\s*$/i.test(text.slice(value.end, next.at));
    if (!isJoined || !/\b(?:between|from)\s*(?:the\s*|[$€£]\s*)?$/i.test(text.slice(0, value.at))) continue;
    Object.assign(value, { compare: 'low', strict: false });
    Object.assign(next, { compare: 'high', strict: false });
    if (next.kind === 'number')
      Object.assign(value, { money: value.money ?? next.money, unit: value.unit ?? next.unit });
    if (next.kind === 'number') Object.assign(next, { before: value.before, money: next.money ?? value.money });
  }
}

/** Notes a value that was found. */
export type Add = (kind: Kind, span: { at: number; end: number }, more: Partial<Value>) => void;
