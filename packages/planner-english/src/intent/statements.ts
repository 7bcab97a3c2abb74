// Sentences that only tell what is the case, or what something is asked for: they ask for nothing.

import { lemma } from '../lexicon/stem.ts';
import { GENERIC, REPORTS, STOPWORDS } from '../lexicon/stopwords.ts';
import { inLexicon, term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { isQuestion } from './mood.ts';
import type { Text } from './text.ts';
import { isAside, isTime } from './told.ts';
import type { Value } from './value.ts';

/** "Ana is on the phone", "I met Ana", "Ana rang": somebody does something, and no noun is only told by what it is. */
const HAPPENS =
  /^\s*(?:i|we|he|she|they|it)\b|(?<!\b(?:that|which|who|whose)\s(?:\S+\s){0,2})\b(?:is|are|was|were|has|have|had|will|wants?|needs?|just|rang|called|phoned|wrote|came|said|says|asked|asks|told|can(?:not)?)\b|['’](?:m|re|ve|ll|d)\b|n['’]t\b/i;
/** "Before I write the reminders", "for the review I need …": who does it stands behind the first words. */
const BEHIND =
  /^\s*(?:(?:before|after|as|since|because|while|when|until|now that|so that|if)\s+(?:i|we|he|she|they|it|somebody|someone|anybody|everybody|everyone)\b|(?:for|to|in|on|at|by|before|after)\s[^,:;]{2,60}?\s(?:i|we)\s+(?:also\s+|only\s+|still\s+|just\s+)?(?:need|want|have|must|should|am|are)\b)/i;
const SUBJECT =
  /^\s*(?:(?:[Aa]nd|[Bb]ut|[Bb]ecause|[Ss]ince|[Aa]s|[Bb]efore|[Aa]fter|[Ww]hen|[Ww]hile|[Nn]ow that|[Ss]o that)\s+)?(?:(?:[Tt]he|[Aa]n?|[Oo]ur|[Mm]y|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts|[Tt]his|[Tt]hat|[Oo]ne of|[Ss]ome|[Aa]nother)\s+\p{L}|(?:[Ss]ome|[Ee]very|[Aa]ny|[Nn]o)(?:body|one|thing)\b|\p{Lu}[\p{L}'’-]*\d*|[A-Z]+-?\d)/u;
const DOES =
  /(?<=(\S+)\s+)(\p{Ll}{2,}s)(?=\s+(?:me|us|him|her|them|you|it|to|for|that|how|what|where|when|why|if|whether|the|an?|this|these|in|on|at|with|from|by|out|off|up|back|over|again|late|early|ahead|tomorrow|today|tonight|next|every|each|one|some|no|and|about|his|their|our|my|its|good|fine|well|\p{Lu}|(?!of\b)\p{Ll}+(?:\s+\S+)?\s*[.,:;!]?\s*$)|\s*[.,:;!]?\s*$)/gu;
const NO_VERB =
  /^(?:the|an?|our|my|his|her|their|its|all|of|for|in|to|with|which|that|and|or|no|any|some|these|those|every|each|at|on|by|from|is|are|was|were)$/i;

/** "The association asks me", "Lotte Peters stays with us": one does something. */
function hasVerb(text: string, isThing: Text['isThing']): boolean {
  const [subject = ''] = SUBJECT.exec(text) ?? [];
  // "Open tickets in Berlin": a capital that begins a sentence shows no name.
  const first = subject.trim().toLowerCase();
  if (subject === '' || (/^\S+$/.test(first) && (inLexicon(first) || verbClasses(first).length > 0))) return false;
  return [...text.matchAll(DOES)].some(([, before = '', word = '']) => {
    const isPlain = NO_VERB.test(before) || /ss$/.test(word) || STOPWORDS.has(word);
    return !isPlain && !isThing(term(word));
  });
}

/** Whether a text has somebody or something that is or does something. */
export const isSentence = (text: string, isThing: Text['isThing']): boolean =>
  HAPPENS.test(text) || BEHIND.test(text) || hasVerb(text, isThing);

/** "One question:", "For the file:": words that tell nothing of what is asked. */
export const isIdle = (text: string): boolean =>
  words(text).every(
    (word) => STOPWORDS.has(word) || IDLE.test(word) || [GENERIC, REPORTS].some((set) => set.has(lemma(word))),
  );
const IDLE = /^(?:questions?|quick|short|small|favou?r|figures?|answers?|file|ask|today|tonight)$/;

const AIMS =
  /^\s*(?:(?:i|we)(?:['’]d| would| will|['’]ll|['’]m| am| are|['’]re)?\s+(?:also\s+|just\s+)?(?:(?:like|want|need|have|hope|plan|intend|going|about|supposed|trying)\s+(?:you\s+)?to|must|should)\s+(\p{L}+)(?:\s+(\p{L}+))?)/iu;

/** "I want to write to them", "we have to order more": what is meant to be done later, and by whom it is said. Not "I want to see". */
export function isAim(text: string): boolean {
  const [, verb, next = ''] = AIMS.exec(text) ?? [];
  if (verb === undefined || isQuestion(text)) return false;
  return ![verb, `${verb} ${next}`].some((one) => verbClasses(one.toLowerCase()).includes('read'));
}

/** "I need one figure": what is asked for stands behind it. */
export const isAnnounced = (text: string): boolean =>
  /\b(?:i|we)\s+(?:only\s+|just\s+)?(?:need|want|have)\s+(?:to know\s+)?(?:only\s+|just\s+)?(?:one|an?|the|this|two|three|some|following|it)?(?:\s+(?:one|single|quick|small|short|more|following))*\s*(?:figure|number|thing|question|answer|information|info|detail|list|overview|value|total|favou?r|two|three)?s?\s*$/i.test(
    text,
  );

/** "Which lessons does she have then?" */
const REFERS_TO_TIME =
  /\b(?:that|the same) (?:day|time|week|month|quarter|year|morning|afternoon|evening|night|weekend|hour)s?\b(?!\s*['’]s)|\b(?:for|on|during|of) the (?:whole )?day\b|\bthen\s*(?:[?.!,]|and\b|$)/i;
/** "Ana is away next week": when it is so matters. */
const AWAY =
  /\b(?:is|are|am|['’]s|['’]m|['’]re|be|was|were)\s+(?:\w+\s+)?(?:away|ill|sick|absent|off|out of (?:the )?office|abroad|unavailable|travelling|on (?:holiday|vacation|leave|parental leave|a trip))\b/i;

/** What is told before without a figure that only announces ("I need one figure: …"), and with times that only explain, unless they are asked for. */
export function withoutIdle(
  found: readonly Value[],
  head: string,
  { command, stated, writes }: { command: string; stated: number; writes: boolean },
): Value[] {
  const isTold = ({ at }: Value) => at < stated;
  const isTimed = found.some((value) => isTime(value) && !isTold(value));
  const isThen = !isTimed && (REFERS_TO_TIME.test(command) || AWAY.test(head.slice(0, stated)));
  const isOne = ({ kind, at, end, unit }: Value) =>
    kind === 'number' && unit === undefined && /^one$/i.test(head.slice(at, end));
  return found.flatMap((value): Value[] => {
    if (!isTold(value)) return [value];
    if (isOne(value)) return [];
    if (isAside(value, found, { command, stated })) return [{ ...value, optional: true }];
    if (!isTime(value) || isThen) return [value];
    const isIdleTime = !writes || /\b(?:every|each)\s+$/i.test(head.slice(0, value.at));
    return isIdleTime ? [] : [{ ...value, optional: true }];
  });
}
