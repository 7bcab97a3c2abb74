// What an intent wants: its mood and verb, what it is about, the values that it holds, and how the answer is to be cut.
import { lemma } from '../lexicon/stem.ts';
import { GENERIC, REPORTS, STOPWORDS } from '../lexicon/stopwords.ts';
import type { VerbClass } from '../lexicon/verbs.ts';
import { inLexicon, joinPhrases, type Term, term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { splitClauses, takeTexts } from './clauses.ts';
import { takeNames } from './names.ts';
import { type Picking, readPicking } from './picking.ts';
import { Text } from './text.ts';
import type { Value } from './value.ts';
import { takePairs, takeValues } from './values.ts';

export type Topic = { term: Term /** 0 … 1 */; weight: number; at: number; fromContext: boolean };

type Span = { text: string; at: number; end: number };

export type Clause = {
  text: string;
  at: number;
  /** What its verb may ask for. */
  moods: readonly VerbClass[];
  verb?: Term;
  topics: readonly Topic[];
  /** It asks about what the clause before found: "and who owns them". */
  joins: boolean;
  picking: Picking;
  /** Words that deny or except: "no", "without". */
  denials: readonly Span[];
};

export type Intent = {
  text: string;
  clauses: readonly Clause[];
  values: readonly Value[];
  /** Words of the context. */
  background: readonly Topic[];
  /** The context narrows what is asked ("focus on …", "only …"), rather than tell of it. */
  narrowed: boolean;
};

const POLITE =
  /^(?:\s|,|hey|hi|hello|ok|okay|please|pls|kindly|now|then|also|just|first|finally|and|(?:can|could|would|will) you|(?:i|we) (?:want|need|have)(?: you)? to|(?:i would|i'd) like(?: you)? to|you should|help me(?: to)?|let's|let us|go ahead and|make sure to|try to|be sure to|remember to|i must)+(?=\s|$)/i;
const QUESTION =
  /^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|any|what's|who's|where's|when's)\b/i;
const MORE = /^\s*(?:their|its|his|her|with|including|along)\b/i;
const DENIAL =
  /\b(?:no(?!\.?\s*\d)|not|without|except|excluding|never|neither|nor|unless|instead|other than|another|versus|vs|same|(?:do|does|did|is|are|was|were|have|has|wo)n['’]t)\b/gi;

/**
 * Reads an intent and its context.
 * @param now what "tomorrow" is relative to
 * @param isSpoken whether any tool speaks of a word
 */
export function readIntent(intent: string, context: string, now: Date, isSpoken: (word: Term) => boolean): Intent {
  const whole = new Text(intent.slice(0, 10_000));
  const values: Value[] = takeTexts(whole);
  const clauses = splitClauses(whole.rest).map((span, index): Clause => {
    const head = span.text.replace(POLITE, (polite) => ' '.repeat(polite.length));
    const { moods, verb } = moodOf(head);
    const text = new Text(head);
    const found = takeValues(
      text,
      now,
      moods.some((mood) => mood !== 'read'),
    );
    found.push(...takeNames(text, isSpoken));
    const picking = readPicking(head, found);
    const placed = found.map((value) => ({ ...value, at: value.at + span.at, end: value.end + span.at }));
    values.push(...placed);
    const topics = topicsOf(text.rest, span.at, 1, verb);
    const joins = index > 0 && moods.includes('read') && (QUESTION.test(head.trim()) || MORE.test(head));
    const denied = [...text.rest.matchAll(DENIAL)].map((match) => spanOf(match[0], match.index + span.at));
    return { ...span, moods, verb, topics, joins, picking, denials: [...denied, ...choicesOf(whole.whole, placed)] };
  });
  const { pairs, prose } = takePairs(context.slice(0, 50_000));
  const told = new Text(prose.slice(0, 4000));
  const fromContext = [...takeValues(told, now, false), ...takeNames(told, isSpoken)];
  return {
    text: intent,
    clauses,
    values: [...values, ...pairs, ...fromContext.map((value) => ({ ...value, fromContext: true }))],
    narrowed: /\b(?:focus|only|limit|restrict|exclud|except|without)/i.test(prose),
    background: topicsOf(told.rest, 0, 0.35, undefined).map((topic) => ({ ...topic, fromContext: true })),
  };
}

const spanOf = (text: string, at: number): Span => ({ text, at, end: at + text.length });

/** "Ana or Ben": which of them is asked, and no call tells that. */
const choicesOf = (intent: string, values: readonly Value[]): Span[] =>
  values.flatMap(({ kind, end }, index) => {
    const next = values[index + 1];
    const between = next && kind === 'name' && next.kind === 'name' ? intent.slice(end, next.at) : '';
    return /^\s*,?\s+or\s+$/i.test(between) ? [spanOf('or', end + between.search(/or/i))] : [];
  });

const MAKERS =
  /^(?:create|make|generate|build|prepare|produce|compile|draft|write|compose|put|provide|send|pull|get|add)$/;
const OBJECT =
  /^\S+\s+(?:together\s+|up\s+|me\s+|us\s+)*(?:(?:an?|the|some|my|our)\s+)?(?:(?:[\p{L}-]+\s+){0,4}?)([\p{L}]+)(?=\s+(?:of|for|on|about|from|with|showing|that|which|by|in|over|comparing)\b|[\s.!?]*$)/iu;

function moodOf(head: string): { moods: readonly VerbClass[]; verb?: Term } {
  const plain = head.trim();
  const [first = '', second = ''] = words(plain);
  if (QUESTION.test(plain)) return { moods: ['read'] };
  const phrasal = verbClasses(`${first} ${second}`);
  const kinds = phrasal.length > 0 ? phrasal : verbClasses(first);
  const verb = term(first);
  // "Block the customer": a verb that nobody told us of is still no reading.
  const commands = /^\p{L}+\s+(?:the|an?|all|every|each|my|our|this|these|those)\s/iu.test(plain);
  if (kinds.length === 0 && commands && !inLexicon(first)) return { moods: ['act'], verb };
  // "Create a summary of the latest sales": what is made is an answer, not an entry of a service.
  const object = MAKERS.test(first) ? OBJECT.exec(plain)?.[1] : undefined;
  const isReport = object !== undefined && REPORTS.has(lemma(object.toLowerCase()));
  if (kinds.length === 0) return { moods: ['read'] };
  return { moods: isReport ? ['read'] : kinds, verb };
}

function topicsOf(rest: string, offset: number, weight: number, verb: Term | undefined): Topic[] {
  const topics: Topic[] = [];
  let skippedVerb = verb === undefined;
  let cursor = 0;
  for (const piece of joinPhrases(words(rest))) {
    const at = Math.max(cursor, rest.toLowerCase().indexOf(piece.split(' ')[0]!, cursor));
    cursor = at + 1;
    const isVerb = !skippedVerb && piece === verb?.text;
    skippedVerb ||= isVerb;
    if (isVerb || STOPWORDS.has(piece) || STOPWORDS.has(lemma(piece)) || /^\d+$/.test(piece)) continue;
    const one = term(piece);
    const share = REPORTS.has(one.lemma) ? 0.5 : GENERIC.has(one.lemma) ? 0.25 : 1;
    topics.push({ term: one, weight: weight * share, at: at + offset, fromContext: false });
  }
  return topics;
}
