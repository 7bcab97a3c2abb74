// Little words that narrow what is asked, and that no argument takes: "a week", "the second largest", "below good".

import { isQuestion } from '../../intent/mood.ts';
import { lemma } from '../../lexicon/stem.ts';
import { type Term, term, terms, words } from '../../lexicon/words.ts';
import { verbClasses } from '../../tools/action.ts';
import type { Slot } from '../../tools/inputs.ts';
import { rowFieldsOf } from '../../tools/operation.ts';
import type { Draft, Scope } from '../draft.ts';
import { BOUNDS } from '../fit/slots.ts';
import { isTemporal } from '../render.ts';
import { masked } from './spoken.ts';

const PART =
  /\b(?:(?:to|mon|tues|wednes|thurs|fri|satur|sun|yester)day|tomorrow|in the)\s+(?:morning|afternoon|evening)\b/i;
const RATE = /\b(?:an?|per)\s+(hour|day|week|month|quarter|year)\s*$/i;
const DAYS = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
/** A day of each week is none. */
const RECURS = new RegExp(
  `\\b(?:on\\s+(?:an?|any|some)|every|each)\\s+(?:(?:other|second)\\s+)?${DAYS}\\b|\\b${DAYS}s\\b`,
  'i',
);
const REPEATS = /\b(?:every|each)\s+(?:other\s+)?(?:day|week|month|year|morning)\b|\b(?:daily|weekly|monthly)\b/i;
const NTH =
  /\b(?:second|third|fourth|fifth|sixth|2nd|3rd|\dth|last but|next to|penultimate)(?:[\s-]+(?:one|to|but))*[\s-]+$/i;
const COMPARED =
  /\b(?:below|above|under|over|beyond|at least|at most|up to|(?:better|worse|higher|lower|less|more|greater|older|newer) than)\s+(?:the\s+|an?\s+)?$/i;
const DONE = /(?:ed|en|paid|sent|sold|built|made|won|lost)$/i;

/** The words of a clause that narrow it and that a draft does not keep. */
export function unkept(draft: Draft, scope: Scope): string[] {
  const { clause, free, writes } = scope;
  const { text, at: start, picking } = clause;
  const { filled } = draft.goal;
  const ahead = (at: number) => text.slice(0, at - start);
  // "900 a week" for what is told by the month.
  const rates = filled.flatMap(({ slot, used }) =>
    used.flatMap((value) => {
      const said =
        value.kind === 'number' && !value.fromContext ? RATE.exec(ahead(value.end).slice(value.at - start)) : null;
      const isKept =
        said === null ||
        terms(said[1]!).some((one) => [...slot.names, ...slot.about].some(({ root }) => root === one.root));
      return isKept ? [] : [said![0].trim()];
    }),
  );
  // "Tickets below good": a state has no order.
  const told = [...filled.flatMap(({ said, used }) => (used.length === 0 ? said : [])), ...draft.said];
  const compared = clause.topics.flatMap(({ term: one, at, fromContext }) => {
    const match = !fromContext && told.includes(one) ? COMPARED.exec(ahead(at)) : null;
    const isKept = match === null || (!writes && isArgument(BOUND.exec(text.slice(match.index)), draft));
    return isKept ? [] : [match![0].trim()];
  });
  const plain = masked(text, free, start);
  const recurs = RECURS.exec(plain)?.slice(0, 1) ?? [];
  const repeats = writes
    ? (REPEATS.exec(plain)?.slice(0, 1) ?? []).filter((one) => !told.some(({ text: word }) => one.includes(word)))
    : [];
  if (writes) return [...rates, ...compared, ...recurs, ...repeats];
  const top = picking.top === undefined ? -1 : text.indexOf(picking.top.said);
  const nth = top < 0 ? null : NTH.exec(text.slice(0, top));
  // "Solved last week" is not what came in then and is solved now.
  const times = rowFieldsOf(draft.goal.operation).filter(({ shape, names }) => isTemporal(shape, names));
  const others = [...draft.used].flatMap((value) => {
    const [word] = value.before;
    if ((value.kind !== 'moment' && value.kind !== 'period') || value.fromContext || word === undefined) return [];
    const isOf = (one: { names: readonly Term[]; about: readonly Term[] }) =>
      [...one.names, ...one.about].some(({ root }) => root === word.root);
    const isState = told.some((one) => one.root === word.root);
    const isDone =
      DONE.test(word.text) || new RegExp(`\\b(?:did|have|has)\\s+(?:\\S+\\s+){1,2}${word.text}\\b`, 'i').test(text);
    // What takes any time, and what is only made in that state, is asked by it.
    const isLoose = (slot: Slot) => words(slot.name).every((one) => BOUNDS.has(one));
    const isTaken =
      [word.text, word.text.slice(0, -1), word.text.slice(0, -2)].some((one) => verbClasses(one).includes('create')) ||
      filled.some(
        ({ used, slot, said }) => used.includes(value) && (said.includes(word) || isLoose(slot) || isOf(slot)),
      );
    const isBeside = new RegExp(
      `\\b${word.text}\\s+(?:(?:in|on|since|during|before|after|by|until|from|between|the)\\s+)*$`,
      'i',
    ).test(ahead(value.at));
    // "Paid in October" is not what was due then, also where rows tell both.
    const isElsewhere = filled.some(({ used }) => used.includes(value));
    const isKept = times.some(isOf) && !isElsewhere;
    return isState && isDone && isBeside && !isTaken && !isKept ? [`${word.text} ${value.text}`] : [];
  });
  return [
    ...rates,
    ...compared,
    ...recurs,
    ...(nth ? [`${nth[0].trim()} ${picking.top!.said}`] : []),
    ...others,
    ...(PART.exec(text) ?? []),
    ...(PARTICLE.exec(plain)?.slice(1, 2) ?? []),
    ...(isStill(draft, plain) ? ['still'] : []),
    ...(SUMMED.exec(plain) ?? []),
    ...(picking.top === undefined ? (/\b(?:best|worst)\b(?!\s+before)/i.exec(plain) ?? []) : []),
    ...isReversed(draft, free, text),
    ...undue(draft),
    ...bounds(draft, plain),
    ...outOf(draft, plain),
    ...stated(draft, clause),
    ...unnamed(draft, text),
    ...ofMany(draft, free, text, start),
  ];
}

const BOUND =
  /\b(at or below|no more than|at most|at or above|at least|no less than|below|under|beneath|(?:less|fewer|lower) than|short of|above|over|(?:more|higher|greater) than|exceed(?:s|ed|ing)?|past)\s+(?:(?:its|their|the|his|her|our|own)\s+)*([\p{L}-]+(?:\s+[\p{L}-]+){0,3})(?!\s*\d)/iu;
const THAN = /\b(?<!\b(?:rather|other)\s+)than\s+(?:the|its|their|his|her|our)\s+\p{L}+/iu;

/** Whether an argument is the whole bound: `below_reorder_level` is, and `reorder_level` is not. */
function isArgument(match: RegExpExecArray | null, { goal }: Draft): boolean {
  if (match === null) return false;
  const bound = [...words(match[1]!).map(term), ...terms(match[2]!)];
  return goal.filled.some(({ slot, said }) => {
    const name = words(slot.name).map((word) => term(word).lemma);
    return slot.shape.type === 'boolean' && said.length > 0 && bound.every(({ lemma: one }) => name.includes(one));
  });
}

/** "Parts below their reorder level": a bound by another field of the rows, which nothing keeps. */
function bounds(draft: Draft, text: string): string[] {
  const match = BOUND.exec(text);
  if (match === null) return THAN.exec(text)?.slice(0, 1) ?? [];
  if (isArgument(match, draft)) return bounds(draft, text.slice(match.index + match[1]!.length));
  const [first] = terms(match[2]!);
  const isField = rowFieldsOf(draft.goal.operation).some(({ name }) =>
    words(name).some((word) => term(word).lemma === first?.lemma),
  );
  return isField ? [match[0].trim()] : [];
}

/** "Out of stock", "a valid licence", "no warranty any more": a state that no argument and no condition says. */
const OUT_OF =
  /\bout of (?!(?:the|an?|my|our|his|her|their|its|all|these|those)\b)(\p{L}{3,})\b|\b(?:in|on) (stock)\b|\b((?:in)?valid|expired)\b(?<!\b(?:when|how long)\b.*)/iu;
const ANY_MORE = /\b(?:any ?more|any longer|no longer)\b/i;

function outOf({ said, goal }: Draft, text: string): string[] {
  const told = [...said, ...goal.filled.flatMap((one) => one.said)];
  const [match, out, within, lasting] = OUT_OF.exec(text) ?? [];
  const word = (out ?? within ?? lasting)?.toLowerCase();
  const isKept = word === undefined || told.some((one) => words(one.text).includes(word));
  const [more] = told.length > 0 ? [] : (ANY_MORE.exec(text) ?? []);
  return [...(isKept ? [] : [match!]), ...(more === undefined ? [] : [more])];
}

/** "R-7 is ready now": what is said of a thing asks for nothing. */
function stated({ used }: Draft, { text, at: start }: Scope['clause']): string[] {
  if (isQuestion(text)) return [];
  return [...used].flatMap(({ at, end, fromContext }) => {
    const [before, after] = [text.slice(0, at - start), text.slice(end - start)];
    const isSubject = !fromContext && at >= start && /^\s*(?:(?:the|our|my|now)\s+)?(?:\p{L}+\s+)?$/iu.test(before);
    const isOne = words(before).every((word) => lemma(word) === word);
    const [said] = (isSubject && isOne && /^\s+(?:is|are|was|were|has|have|had|just)\b[^.;,]*/i.exec(after)) || [];
    return said === undefined ? [] : [said.trim()];
  });
}

/** "Which bikes are out", "what does Ana have out": a state that no word of the tools tells. */
const PARTICLE =
  /\b(?:(?:is|are|was|were)(?:\s+(?:still|now|currently|already|not))?|ha(?:s|ve|d)\b[^.?!]*?)\s+(out|in|on|off|up|down|over|away|back|going on)(?=\s*(?:[?.!,;]|$|(?:right\s+)?now\b|at the moment\b|today\b|this\b|next\b))/i;

/** "Orders that come to more than 500": a sum of each, which no figure of theirs need be. */
const SUMMED =
  /\b(?:come|comes|amount|amounts|add up|adds up) to (?:more|less|over|under|above|below|at (?:least|most)|\d)/i;

/** "Still going on", "what does she still have": how it is now, where nothing asks for a state. */
function isStill({ goal, said }: Draft, text: string): boolean {
  const isAsked = said.size > 0 || goal.filled.some((one) => one.said.length > 0 && one.used.length === 0);
  return /\bstill\b/i.test(text) && !isAsked && goal.operation.outline.rows !== undefined;
}

/** "Due this week" is not what was written down then. */
function undue({ goal, used }: Draft): string[] {
  const isDue = (list: readonly Term[]) => list.some(({ text }) => text === 'due');
  return [...used].flatMap((value) => {
    const isTime = (value.kind === 'moment' || value.kind === 'period') && !value.fromContext;
    const slots = goal.filled.filter((one) => one.used.includes(value)).map(({ slot }) => slot);
    const isTaken = slots.length === 0 || slots.some(({ names, about }) => isDue([...names, ...about]));
    return isTime && value.before[0]?.text === 'due' && !isTaken ? [`due ${value.text}`] : [];
  });
}

const PART_OF = /\b(\p{L}{3,}?)(?:['’]s)?\s+(?:names?|emails?|phones?|addresse?s?)\b/giu;

/** "With patient name and practitioner name", where the rows have only the id of the practitioner, and nothing looks it up. */
function unnamed({ goal, steps }: Draft, text: string): string[] {
  const fields = rowFieldsOf(goal.operation);
  const joined = steps.filter(({ purpose }) => purpose === 'join').flatMap(({ operation }) => operation.nouns);
  return [...text.matchAll(PART_OF)].flatMap(([said, word = '']) => {
    const whose = terms(word.toLowerCase());
    const isOf = (list: readonly Term[]) => list.some((one) => whose.some(({ root }) => root === one.root));
    const own = fields.filter(({ names }) => isOf(names));
    const isOnlyId = own.length > 0 && own.every(({ name }) => /(?:_id|Id)s?$/.test(name));
    return isOnlyId && !isOf(joined) && !isOf(goal.operation.nouns) ? [said] : [];
  });
}

/** "On Monday and Tuesday": two days of which no row has both. */
function ofMany({ used }: Draft, free: Scope['free'], text: string, start: number): string[] {
  const days = free.filter(
    ({ kind, fromContext, compare }) =>
      (kind === 'moment' || kind === 'period') && !fromContext && compare === undefined,
  );
  return days.flatMap((one, index) => {
    const next = days[index + 1];
    const isJoined =
      next !== undefined &&
      /^\s*(?:,|and|of|,\s*and)\s*(?:on\s+|in\s+|the\s+)?$/i.test(text.slice(one.end - start, next.at - start));
    return isJoined && used.has(one) && used.has(next) ? [`${one.text} and ${next.text}`] : [];
  });
}

/** "Who does Ana report to" is not who reports to Ana. */
function isReversed({ used, goal }: Draft, free: Scope['free'], text: string): string[] {
  const [said, verb] = /\b(\p{L}+)\s+(?:to|for|with|from)\s*[?.!]*\s*$/iu.exec(text) ?? [];
  const subject = free.find((value) => value.subject && used.has(value));
  const isClaimed =
    verb !== undefined &&
    terms(verb.toLowerCase()).some((one) => goal.operation.claim.some(({ root }) => root === one.root));
  return subject !== undefined && isClaimed ? [said!.trim()] : [];
}
