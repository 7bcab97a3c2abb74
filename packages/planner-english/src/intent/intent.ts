// What an intent wants: its mood and verb, what it is about, the values that it holds, and how the answer is to be cut.
import type { PlanRequest } from '@errand/contracts';
import { lemma } from '../lexicon/stem.ts';
import { GENERIC, REPORTS, STOPWORDS } from '../lexicon/stopwords.ts';
import type { VerbClass } from '../lexicon/verbs.ts';
import { joinPhrases, type Term, term, words } from '../lexicon/words.ts';
import { lent } from './again.ts';
import { type ClauseSpan, splitClauses, takeTexts } from './clauses.ts';
import { foldBlanks } from './fold-blanks.ts';
import { type IsSaid, isQuestion, moodOf, newsOf, withoutPolite } from './mood.ts';
import { asKnown, type KnownSpan, type Said, takeKnown, takeNames, takeUser } from './names.ts';
import { NEXT, type Picking, readPicking } from './picking.ts';
import { plainly } from './plainly.ts';
import { spread } from './spread.ts';
import { withoutIdle } from './statements.ts';
import { Text } from './text.ts';
import { referredIn, sameNames, setOf } from './told.ts';
import type { Value } from './value.ts';
import { comingAt, takePairs, takeValues } from './values.ts';

/** `isStated`: it tells what is the case, and asks for nothing. */
export type Topic = {
  term: Term;
  /** 0 … 1 */
  weight: number;
  at: number;
  /** Where the word ends, if it is written in another way than its term. */
  end?: number;
  fromContext: boolean;
  isStated?: boolean;
  /** "Per word": what something else is told for. */
  isRate?: boolean;
};

type Span = { text: string; at: number; end: number };

export type Clause = {
  text: string;
  at: number;
  /** How much of it only tells what is the case. */
  stated: number;
  /** What its verb may ask for. */
  moods: readonly VerbClass[];
  verb?: Term;
  topics: readonly Topic[];
  /** It asks about what the clause before found: "and who owns them". */
  joins: boolean;
  picking: Picking;
  /** Words that deny or except: "no", "without". */
  denials: readonly Span[];
  /** It tells what has happened to a thing, in place of an order. */
  news?: boolean;
  /** One of several clauses that differ in one value: "move A and B to C". */
  copy?: number;
};

export type Intent = {
  text: string;
  clauses: readonly Clause[];
  values: readonly Value[];
  /** Words of the context. */
  background: readonly Topic[];
  /** Names of what each row of the answer is to hold: "{ title, guests }". */
  shape: readonly string[];
  /** The context narrows what is asked ("focus on …", "only …"), rather than tell of it. */
  narrowed: boolean;
};

/** Values of a clause that are read: an intent with half as many is refused. */
const MAX_TAKEN = 200;
/** Adverbs of more than one word, which say when or how surely, and of nothing which. */
const ADVERBS =
  /\b(?:(?:fall|come|become|get)s?(?= due\b)|(?<=\bdue )back|at (?:the|this) moment|at present|at all|as of now|right now|so far|for now|for good|by now|as well|of course|in fact|on file|c[ao]me in|if possible|as soon as possible|once more|for (?:me|us)|these days|after all|by the way|in all|from now on|let (?:me|us) know|(?<=\bhow much )money|(?<=\bno )longer)\b/gi;
const SHAPE =
  /[,:]?(?<!\s)\s*(?!\s)(?:(?:please\s+)?(?:give|show|send|tell|return|get)\s+(?:it\s+to\s+)?(?:me|us)\s+)?(?:each\s+)?(?:(?:as|in)\s+)?(?:(?:an?|the)\s+)?(?:list|array|table|objects?|form|shape|rows?|format)?(?:(?:\s+|(?<=\s))(?:of|with|like))?\s*\{([^{}]{1,200})\}/gi;
const TELL = /^\s*(?:tell|show|give|let) (?:me|us)(?: know)?\s+/i;
const DENIAL =
  /\b(?:no(?!\.?\s*\d)|not|without|except|excluding|never|neither|nor|unless|instead|other than|another|versus|vs|same|cannot|(?:more|fewer|less|other) than (?:an?|one)(?!\s+(?:minute|hour|day|week|month|quarter|year))(?=\s)|(?<=\b(?:all|every\p{L}*|any\p{L}*|each|no\p{L}*)\s[^.;,]{0,60})but(?!\s+(?:not|only|also|keep)\b)|or(?!\s+(?:more|less|above|below|higher|lower|later|earlier|over|under|greater|better|up|fewer|cheaper|so|not|newer|older|after|before|larger|smaller|longer|shorter)\b)|(?:do|does|did|is|are|was|were|have|has|had|wo|ca|could|should)n['’]t)\b/giu;

/**
 * Reads an intent and its context. "me" is the user, where the name is known.
 * @param now what "tomorrow" is relative to
 * @param said what the tools speak of, and what they do
 */
export function readIntent(
  { intent: typed, context, user, userId = '' }: Pick<PlanRequest, 'intent' | 'context' | 'user'> & { userId?: string },
  now: Date,
  said: Said & { commands: IsSaid },
): Intent {
  const intent = foldBlanks(typed.slice(0, 10_000));
  const whole = new Text(plainly(intent), said.isThing);
  const [shape] = whole.take(SHAPE, (match) => match[1]!.split(/[,;]/).map((name) => name.split(':')[0]!.trim()));
  const values: Value[] = takeTexts(whole);
  const known = said.known?.(whole) ?? [];
  const asked = { commands: said.commands, isThing: whole.isThing };
  const spans = splitClauses(withoutSigns(whole.rest, known), asked).map((span) => ({
    ...span,
    text: whole.rest.slice(span.at, span.at + span.text.length),
  }));
  const clauses = spans.flatMap((span, index, all): Clause[] => {
    const command = withoutPolite(span.text.slice(span.stated));
    const head = `${withoutPolite(span.text.slice(0, span.stated))}${command}`;
    // News of one thing may be an order: "Invoice 5 was paid yesterday".
    const news = all.length === 1 && span.stated === 0 ? newsOf(command) : undefined;
    const { moods, verb } = news ?? moodOf(command, said.commands);
    const writes = moods.some((mood) => mood !== 'read');
    const text = new Text(head, said.isThing);
    const within = known.filter(({ at, end }) => at >= span.at && end <= span.at + span.text.length);
    const moved = (one: KnownSpan) => ({ ...one, at: one.at - span.at, end: one.end - span.at });
    const found = takeKnown(text, within.map(moved));
    const taken = takeValues(text, now, writes || isAhead(head)).slice(0, MAX_TAKEN);
    found.push(...taken.map((value) => asKnown(value, said)), ...takeNames(text, said));
    sameNames(found, span.stated);
    if (user?.name !== undefined)
      found.push(...takeUser(text, { name: user.name, id: userId, creates: moods.includes('create') }));
    const picking = readPicking(command, found);
    if (!writes && picking.top !== undefined && NEXT.test(picking.top.said))
      found.push(...comingAt(text, picking.top.said, now));
    // Of what a statement tells the things and figures matter; a time or a word may only explain.
    // "Who owns P-0012": it is no owner.
    const [, done] = /^\s*who\s+(\p{L}+)\s/iu.exec(head) ?? [];
    const referred = referredIn(command, found, span.stated, whole.isThing);
    const told = withoutIdle(found, head, { command, stated: span.stated, writes })
      .filter((value) => !(value.self && value.at < span.stated))
      .map((value) => (value === referred?.value ? { ...value, ...referred.told } : value))
      .map((value) => ({
        ...value,
        ...setOf(value, found, head),
        // "LT-1010 is in repair from today": when it is told.
        ...(news &&
          /^(?:moment|period)$/.test(value.kind) &&
          /^(?:(?:from|since|as of) )?today$/i.test(value.text) && { optional: true }),
        // "Cancel Ana's lesson": the verb does not say what she is.
        // "WEB-105 looks fine": nor does what it is told to do.
        type: value.type.filter(
          (one) =>
            one.text !== verb?.text &&
            one.text !== done?.toLowerCase() &&
            (value.at >= span.stated || whole.isThing(one)),
        ),
      }));
    text.rest = text.rest.replace(ADVERBS, (words) => ' '.repeat(words.length));
    const topics = topicsOf(text, span, verb);
    const joins = index > 0 && moods.includes('read') && isQuestion(head.replace(TELL, ''));
    const denied = [...text.rest.matchAll(DENIAL)].filter((match) => match.index >= span.stated);
    const denials = denied.map((match) => spanOf(match[0], match.index + span.at));
    const read = { ...span, moods, verb, topics, joins, picking, ...(news && { news: true }) };
    return spread(read, told).map(({ clause, values: own }): Clause => {
      const placed = own.map((value) => ({
        ...value,
        text: value.text.replace(/\bSt {2}/g, 'St. '),
        at: value.at + span.at,
        end: value.end + span.at,
      }));
      values.push(...placed);
      // What is told before it says nothing of how it is to be done.
      return { ...clause, denials, text: `${' '.repeat(span.stated)}${clause.text.slice(span.stated)}` };
    });
  });
  values.push(...lent(clauses, values));
  const { pairs, prose } = takePairs(context.slice(0, 50_000));
  const told = new Text(foldBlanks(prose).slice(0, 4000), said.isThing);
  const fromContext = [...takeValues(told, now, false), ...takeNames(told, said)];
  return {
    text: intent,
    shape: shape?.value ?? [],
    clauses,
    values: [...values, ...pairs, ...fromContext.map((value) => ({ ...value, fromContext: true }))],
    narrowed: /\b(?:focus|only|limit|restrict|exclud|except|without)/i.test(prose),
    background: topicsOf(told, { at: 0, stated: told.rest.length }, undefined).map((topic) => ({
      ...topic,
      isStated: false,
      fromContext: true,
    })),
  };
}

/** A text in which nothing within some spans ends a sentence: "Brockhaus v. Hafenkran". */
const withoutSigns = (text: string, spans: readonly KnownSpan[]): string =>
  spans.reduce(
    (all, { at, end }) => all.slice(0, at) + all.slice(at, end).replace(/[^\p{L}\p{N}]/gu, 'x') + all.slice(end),
    text,
  );

const spanOf = (text: string, at: number): Span => ({ text, at, end: at + text.length });

/** "I just finished watching it", ", I want to call them": what the asker does or wishes. */
const NARRATES =
  /(?:^|[.,:;!?]\s*|\b(?:and|but|because|so)\s+|^\s*(?:for|before|to)\s[^.,;:!?]{2,60}\s)\s*(?:i|we)\b(?:['’]\w+)?(?:\s+\w+){0,2}\s*$/i;
const NARRATED = /^(?:\w+(?:ing|ed)|wants?|needs?|likes?|love|prefer|wish|hope|know|think)$/;

/** "How many days are left": what remains, and not who left. */
const LEFT = /\b(?:have|has|had|is|are|be|got|much|many)\b[^.?!]*$/i;
const AFTER_LEFT = /^\s*(?:[?.!,;]|$|(?:for|in|on|of|over|to|this|until|at|and)\b)/i;
export const REMAINING = term('remaining');
const GONE: Term = { ...term('resigned'), text: 'left' };

const isEmpty = (word: string, before: string) =>
  STOPWORDS.has(word) || (STOPWORDS.has(lemma(word)) && !/\bas\s+$/i.test(before));

/** "What expires before Monday": the Monday to come. */
const isAhead = (text: string): boolean =>
  /\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b/i.test(text) &&
  /\b(?:due|(?:expir|leav|arriv|clos)(?:es?|ing)|ends?|starts?|begins?|opens?|coming|will)\b/i.test(text) &&
  !/\d|\b(?:was|were|did|had|last)\b/i.test(text);

/** "The show", "shows": where the tools are about shows. */
const isNoun = (word: string, before: string, isThing: Text['isThing']): boolean =>
  isThing(term(word)) &&
  (word !== lemma(word) || /\b(?:an?|each|every|the|this|that|which|what|new)\s+$/i.test(before));

/** Weight of words that tell, rather than ask. */
const TOLD = 0.35;

function topicsOf(
  { rest, whole, isThing }: Text,
  { at: offset, stated }: Pick<ClauseSpan, 'at' | 'stated'>,
  verb?: Term,
): Topic[] {
  const topics: Topic[] = [];
  let skippedVerb = verb === undefined;
  let cursor = 0;
  for (const piece of joinPhrases(words(rest))) {
    const at = Math.max(cursor, rest.toLowerCase().indexOf(piece.split(' ')[0]!, cursor));
    cursor = at + piece.split(' ')[0]!.length;
    const isVerb = !skippedVerb && piece === verb?.text.split(' ')[0];
    skippedVerb ||= isVerb;
    // "are done", "not done": a state, and no auxiliary.
    const isLeft = piece === 'left' && LEFT.test(rest.slice(0, at)) && AFTER_LEFT.test(rest.slice(at + piece.length));
    if (isLeft) topics.push({ term: REMAINING, weight: 1, at: at + offset, end: at + offset + 4, fromContext: false });
    // "Ana left on Friday", "who have left"
    const isGone =
      piece === 'left' && !isLeft && /(?:\p{Lu}[\p{L}'’-]*|\bwho(?:\s+ha(?:s|ve|d))?)\s+$/u.test(whole.slice(0, at));
    const isState =
      isGone ||
      (piece === 'done' && /\b(?:is|are|n?or|not|neither|to)\s+(?:yet\s+|already\s+)?$/i.test(rest.slice(0, at)));
    if (
      isLeft ||
      isVerb ||
      (NARRATED.test(piece) && NARRATES.test(rest.slice(0, at))) ||
      (!isState && !isNoun(piece, rest.slice(0, at), isThing) && isEmpty(piece, rest.slice(0, at))) ||
      /^\d+$/.test(piece)
    )
      continue;
    // Who has left is on no leave.
    const one = isGone ? GONE : term(piece);
    const isRate = /\bper\s+$/i.test(rest.slice(0, at));
    const share = isRate ? 0 : REPORTS.has(one.lemma) ? 0.5 : GENERIC.has(one.lemma) ? 0.25 : 1;
    const isStated = at < stated;
    topics.push({
      term: one,
      weight: share * (isStated ? TOLD : 1),
      at: at + offset,
      fromContext: false,
      isStated,
      ...(isRate && { isRate }),
      ...(isGone && { end: at + offset + 4 }),
    });
  }
  return topics;
}
