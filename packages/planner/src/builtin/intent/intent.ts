// What an intent wants: its mood and verb, what it is about, the values that it holds, and how the answer is to be cut.

import { lemma } from '../lexicon/stem.ts';
import { GENERIC, REPORTS, STOPWORDS } from '../lexicon/stopwords.ts';
import type { VerbClass } from '../lexicon/verbs.ts';
import { inLexicon, joinPhrases, type Term, term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { splitClauses } from './clauses.ts';
import { takeNames } from './names.ts';
import { type Picking, readPicking } from './picking.ts';
import { Text } from './text.ts';
import { takeTexts } from './texts.ts';
import type { Value } from './value.ts';
import { takePairs, takeValues } from './values.ts';

export type Topic = { term: Term /** 0 … 1 */; weight: number; at: number; fromContext: boolean };

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
  denials: readonly { text: string; at: number; end: number }[];
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
  /^(?:\s|,|hey|hi|hello|ok|okay|please|pls|kindly|now|then|also|just|first|finally|and|can you|could you|would you|will you|i want you to|i want to|i would like to|i'd like to|i would like you to|i'd like you to|i need you to|i need to|we need to|we want to|you should|help me to|help me|let's|let us|go ahead and|make sure to|try to|be sure to|remember to|i have to|i must)+(?=\s|$)/i;
const QUESTION =
  /^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|can|any|what's|who's|where's|when's)\b/i;
const MAKERS =
  /^(?:create|make|generate|build|prepare|produce|compile|draft|write|compose|put|provide|send|pull|get|add)$/;

/**
 * Reads an intent and its context.
 * @param now what "tomorrow" is relative to
 * @param isSpoken whether any tool speaks of a word
 */
export function readIntent(intent: string, context: string, now: Date, isSpoken: (word: Term) => boolean): Intent {
  const whole = new Text(intent.slice(0, 10_000));
  const values: Value[] = takeTexts(whole);
  const spans = splitClauses(whole.rest);
  const clauses: Clause[] = [];
  for (const [index, span] of spans.entries()) {
    const head = span.text.replace(POLITE, (polite) => ' '.repeat(polite.length));
    const { moods, verb } = moodOf(head);
    const text = new Text(head);
    const forward = moods.some((mood) => mood !== 'read');
    const found = takeValues(text, now, forward);
    found.push(...takeNames(text, isSpoken));
    const picking = readPicking(head, found);
    values.push(...found.map((value) => ({ ...value, at: value.at + span.at, end: value.end + span.at })));
    const topics = topicsOf(text.rest, span.at, 1, verb);
    const joins =
      index > 0 &&
      moods.includes('read') &&
      (QUESTION.test(head.trim()) || /^\s*(?:their|its|his|her|with|including|along)\b/i.test(head));
    clauses.push({
      text: span.text,
      at: span.at,
      moods,
      verb,
      topics,
      joins,
      picking,
      denials: [...denialsOf(text.rest, span.at), ...choicesOf(span, found)],
    });
  }
  const { pairs, prose } = takePairs(context.slice(0, 50_000));
  const told = new Text(prose.slice(0, 4000));
  const fromContext = [...takeValues(told, now, false), ...takeNames(told, isSpoken)].map((value) => ({
    ...value,
    fromContext: true,
  }));
  return {
    text: intent,
    clauses,
    values: [...values, ...pairs, ...fromContext],
    narrowed: /\b(?:focus|only|limit|restrict|exclud|except|without)/i.test(prose),
    background: topicsOf(told.rest, 0, 0.35, undefined).map((topic) => ({ ...topic, fromContext: true })),
  };
}

const DENIAL =
  /\b(?:no(?!\.?\s*\d)|not|without|except|excluding|never|neither|nor|unless|instead|other than|another|versus|vs|same|don['’]t|doesn['’]t|didn['’]t|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|haven['’]t|hasn['’]t|won['’]t)\b/gi;

const denialsOf = (rest: string, offset: number) =>
  [...rest.matchAll(DENIAL)].map(({ 0: text, index }) => ({
    text,
    at: index + offset,
    end: index + offset + text.length,
  }));

/** "Ana or Ben": which of them is asked, and no call tells that. */
const choicesOf = (span: { text: string; at: number }, values: readonly Value[]) =>
  values.flatMap(({ kind, end }, index) => {
    const next = values[index + 1];
    const between = next && kind === 'name' && next.kind === 'name' ? span.text.slice(end, next.at) : '';
    return /^\s*,?\s+or\s+$/i.test(between)
      ? [{ text: 'or', at: span.at + end + between.search(/or/i), end: span.at + next!.at - 1 }]
      : [];
  });

function moodOf(head: string): { moods: readonly VerbClass[]; verb?: Term } {
  const plain = head.trim();
  const list = words(plain);
  const first = list[0] ?? '';
  if (QUESTION.test(plain)) return { moods: ['read'] };
  const phrasal = verbClasses(`${first} ${list[1] ?? ''}`);
  const kinds = phrasal.length > 0 ? phrasal : verbClasses(first);
  // "Block the customer": a verb that nobody told us of is still no reading.
  if (
    kinds.length === 0 &&
    /^\p{L}+\s+(?:the|an?|all|every|each|my|our|this|these|those)\s/iu.test(plain) &&
    !inLexicon(first) &&
    !STOPWORDS.has(first)
  )
    return { moods: ['act'], verb: term(first) };
  if (kinds.length === 0 || (kinds.length > 0 && kinds[0] === 'read' && kinds.length === 1))
    return { moods: ['read'], verb: kinds.length > 0 ? term(first) : undefined };
  const verb = term(first);
  if (MAKERS.test(first)) {
    // "Create a summary of the latest sales": what is made is an answer, not an entry of a service.
    const object =
      /^\S+\s+(?:together\s+|up\s+|me\s+|us\s+)*(?:(?:an?|the|some|my|our)\s+)?((?:[\p{L}-]+\s+){0,4}?)([\p{L}]+)(?=\s+(?:of|for|on|about|from|with|showing|that|which|by|in|over|comparing)\b|[\s.!?]*$)/iu.exec(
        plain,
      );
    const noun = lemma(object?.[2]?.toLowerCase() ?? '');
    if (REPORTS.has(noun)) return { moods: ['read'], verb };
  }
  return { moods: kinds, verb };
}

function topicsOf(rest: string, offset: number, weight: number, verb: Term | undefined): Topic[] {
  const topics: Topic[] = [];
  let skippedVerb = verb === undefined;
  let cursor = 0;
  for (const piece of joinPhrases(words(rest))) {
    const found = rest.toLowerCase().indexOf(piece.split(' ')[0]!, cursor);
    const at = found < 0 ? cursor : found;
    cursor = at + 1;
    if (!skippedVerb && piece === verb?.text) {
      skippedVerb = true;
      continue;
    }
    if (STOPWORDS.has(piece) || STOPWORDS.has(lemma(piece)) || /^\d+$/.test(piece)) continue;
    const one = term(piece);
    topics.push({
      term: one,
      weight: weight * (REPORTS.has(one.lemma) ? 0.5 : GENERIC.has(one.lemma) ? 0.25 : 1),
      at: at + offset,
      fromContext: false,
    });
  }
  return topics;
}
