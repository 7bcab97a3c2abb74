// A value in prose: what it is, where it stands, which words are beside it, how it is compared.
import { STOPWORDS } from '../lexicon/stopwords.ts';
import { joinPhrases, type Term, term, words } from '../lexicon/words.ts';
import type { Moment } from './moments.ts';
import type { Period } from './periods.ts';
import type { Text } from './text.ts';

export type Value = {
  kind:
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
    | 'text';
  /** What the service would be sent if it takes text. */
  text: string;
  at: number;
  end: number;
  number?: number;
  /** What it counts, as it is written: kg, euros. */
  unit?: string;
  money?: boolean;
  currency?: string;
  /** "third episode": a position, not a quantity. */
  ordinal?: boolean;
  compare?: 'low' | 'high';
  /** "over" rather than "at least". */
  strict?: boolean;
  moment?: Moment;
  period?: Period;
  /** Values with the same number stand in one list. */
  list?: number;
  /** Minutes. */
  minutes?: number;
  /** Words next to it, nearest first. */
  before: readonly Term[];
  after: readonly Term[];
  /** Words that say what it is: right before it ("order 12") or right after it ("the Apollo project"). */
  type: readonly Term[];
  /** Words that tie it to something: before its little word ("assigned to"), or after it ("does Ana own"). */
  ties: readonly Term[];
  /** The word right before it is a noun, as in "order 12". */
  adjacent?: boolean;
  /** The little word in front: for, with, to, from, by, at … */
  preposition?: string;
  /** For names: whether capital letters show it, and not only the position. */
  sure?: boolean;
  fromContext: boolean;
  /** For pairs: the key by which an expression reads it; absent when another pair has the same. */
  key?: string;
};

const PREPOSITION =
  /^(for|with|of|from|by|at|to|in|on|about|called|named|titled|as|into|under|since|after|before|until|till|saying|is|regarding|re|between|per|than|against)$/i;

/** A value with the words around it. */
export function around(
  text: Text,
  at: number,
  end: number,
): Pick<Value, 'at' | 'end' | 'before' | 'after' | 'type' | 'ties' | 'adjacent' | 'preposition' | 'fromContext'> {
  const before = text.before(at, 7);
  const nearest = [...before].reverse();
  const telling = (list: readonly string[]) =>
    joinPhrases(list.map((word) => words(word).join(' ')))
      .filter((word) => word !== '' && !/^\d+$/.test(word) && !STOPWORDS.has(word))
      .map(term);
  const preposition = nearest
    .slice(0, 2)
    .find((word) => PREPOSITION.test(word))
    ?.toLowerCase();
  const following = text.after(end, 1);
  const direct = /^\s+(?=\p{L})/u.test(text.whole.slice(end)) ? telling(following) : [];
  // "does Ana own", "has Ben made": what follows a subject is a verb.
  const isSubject = /^(?:does|do|did|has|have|had|is|was|were|are|can|should)$/i.test(nearest[0] ?? '');
  const titled =
    nearest[0] !== undefined && !STOPWORDS.has(nearest[0].toLowerCase()) ? telling(nearest.slice(0, 1)) : [];
  const said =
    titled.length > 0 || preposition === undefined
      ? []
      : telling(
          before
            .slice(
              0,
              before.findLastIndex((word) => PREPOSITION.test(word)),
            )
            .slice(-2),
        ).reverse();
  return {
    at,
    end,
    type: [...titled, ...(isSubject ? [] : direct)],
    ties: [...said.slice(0, 1), ...(isSubject ? direct : [])],
    before: telling(before.slice(-6)).reverse(),
    after: telling(text.after(end, 3)),
    adjacent:
      nearest[0] !== undefined &&
      (/^(?:no|nr|number|id)$/i.test(nearest[0]) || !STOPWORDS.has(nearest[0].toLowerCase())),
    preposition,
    fromContext: false,
  };
}

const LOW =
  /(?:\b(?:over|above|more than|greater than|exceed(?:s|ing)?|bigger than|larger than|higher than|longer than|older than|upwards of|beyond|after|in excess of)|>)\s*$/i;
const LOW_TOO =
  /(?:\b(?:at least|no less than|not less than|minimum(?: of)?|min|from|starting (?:at|from)|since|no earlier than|not before|no lower than|no fewer than)|>=|≥)\s*$/i;
const HIGH =
  /(?:\b(?:under|below|less than|fewer than|smaller than|lower than|cheaper than|shorter than|younger than|before|prior to|earlier than)|<)\s*$/i;
const HIGH_TOO =
  /(?:\b(?:at most|no more than|not more than|maximum(?: of)?|max|up to|until|till|through|no later than|within|not exceeding|by)|<=|≤)\s*$/i;

/** What a comparison in front of a value says. */
export function comparison(before: string, after: string): Pick<Value, 'compare' | 'strict'> {
  const plain = before
    .replace(
      /(?:\b(?:(?:the\s+)?(?:beginning|start)\s+of(?:\s+the)?|(?<=\b(?:until|till|by|through)\s+)the\s+end\s+of|of|the|a|an|about|approximately|around)|[$€£¥])\s*$/i,
      '',
    )
    .replace(/\s+$/, ' ');
  if (
    /^\s*(?:\+|or (?:more|above|higher|later|over|greater|better|up)|and (?:up|above|more|over)|plus\b|and later)/i.test(
      after,
    )
  )
    return { compare: 'low' };
  if (/^\s*(?:or (?:less|below|lower|fewer|earlier|under|cheaper)|and (?:below|under|less))/i.test(after))
    return { compare: 'high' };
  if (LOW_TOO.test(plain)) return { compare: 'low' };
  if (HIGH_TOO.test(plain)) return { compare: 'high' };
  if (LOW.test(plain)) return { compare: 'low', strict: true };
  if (HIGH.test(plain)) return { compare: 'high', strict: true };
  return {};
}

/** Notes a value that was found. */
export type Add = (kind: Value['kind'], span: { at: number; end: number }, more: Partial<Value>) => void;
