// Whether a clause asks or commands, and what its verb may ask for.
import { lemma } from '../lexicon/stem.ts';
import { REPORTS } from '../lexicon/stopwords.ts';
import type { VerbClass } from '../lexicon/verbs.ts';
import { inLexicon, type Term, term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';

/** Greetings, requests and wishes: who asks, and how nicely. */
const POLITE =
  /^(?:[\s,!]|(?:hey|hi|hello|dear)(?: there| all| team)?|(?:good )?(?:morning|afternoon|evening)|ok(?:ay)?|please|pls|kindly|quickly|now|then|after that|afterwards|so|also|just|first(?=,| of all)|finally|and|thanks|(?:can|could|would|will|may|might) (?:you|we|i)|(?:do|would) you mind|(?:i|we)(?: would|['’]d|['’]ll)? (?:also )?(?:just )?(?:like|love|want|wish|need|have)(?: (?:you|to see|to know|to have|to get|to)\b)*|you (?:should|must)|(?:i|we) (?:must|should)|help me(?: to)?|let['’]s|let us|go ahead and|(?:make|be) sure (?:to|that you)|(?:try|remember) to|(?:he|she|they) (?:wants?|needs?|would like) to (?:know|see)|(?:he|she|they)(?: is| are| was| were|['’]s|['’]re) asking(?: (?:me|us))?|(?:he|she|they) asked(?: (?:me|us))?|(?:i am|i['’]m|we are|we['’]re) (?:looking for|after|interested in|trying to))+(?=\s|$)/i;
const QUESTION =
  /^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|any|what's|who's|where's|when's|(?:at|on|in|by|to|for|with|from|of|about|since|until|till|under) (?:what|which|whom|whose|when|where|how (?:long|many|much)))\b/i;

/** A text with what is only polite blanked. */
export const withoutPolite = (text: string): string => text.replace(POLITE, (polite) => ' '.repeat(polite.length));
export const isQuestion = (text: string): boolean => QUESTION.test(withoutPolite(text).trim());
/** @param commands whether a tool that changes something does what a word says */
export const isCommand = (text: string, commands: IsSaid): boolean =>
  moodOf(withoutPolite(text), commands).moods.some((mood) => mood !== 'read');
/** Verbs that are states as well. */
const STATES = new Set(['open', 'complete', 'clear']);

export type IsSaid = (word: string) => boolean;

/** "Payment 9 has come in", "order 4119 was shipped": a thing that is named, and what happened to it. */
const NEWS =
  /^((?:(?!\b(?:that|which|who|whose|if|when|unless|because)\b).){2,80}?)\s+(?:(?:was|is|has|have|were|are)\s+(?:(?:just|now|been|already|finally)\s+)*(\p{L}+(?:ed|en)|paid|sent|done|back|lost|sold|ready|come in|(?:in|on|out of|under) \p{Ll}+)|(came in|came back|arrived))\b/iu;
/** "Liam has a new phone number: …", "Ana's new address is …", "Delft Charger: condition is poor now" */
const CHANGED =
  /^(?:(?!\b(?:that|which|who)\b).){2,60}?(?:\s+(?:has|have|got)\s+an?|['’]s)\s+new\s+[\p{L}\s-]{3,30}(?::|,|\bis\b|\bnow\b)|^[^:,.;?!]{2,60}:\s+[\p{Ll} ]{3,30}\s(?:is\s+now\s+[\p{L}\d ]+|is\s+[\p{L}\d ]+\snow)[.!]*$/iu;

/**
 * What has happened to a thing, in the words of who tells it: `paid`, `received`; "change" where something of it is new. Undefined for all
 * that is no news of one thing.
 */
export function newsOf(text: string): { moods: readonly VerbClass[]; verb: Term } | undefined {
  const plain = text.trim();
  if (isQuestion(plain)) return undefined;
  if (CHANGED.test(plain)) return { moods: ['update'], verb: term('change') };
  const [, subject = '', done = '', came = ''] = NEWS.exec(plain) ?? [];
  const [first = '', second = ''] = subject.split(/\s+/);
  // "Order 4119" is no command, "cancel order 4119" is one.
  const isCommanded =
    verbClasses(first.toLowerCase()).length > 0 && !(inLexicon(first.toLowerCase()) && /\d/.test(second));
  if (!/\p{Lu}|\d/u.test(subject) || isCommanded) return undefined;
  const what = (came || done).toLowerCase();
  // "LT-1010 is in repair", where a state is called so.
  const [, state] = /^(?:in|on|out of|under) (\p{Ll}+)$/u.exec(what) ?? [];
  if (state !== undefined) return /\d/.test(subject) ? { moods: ['update', 'act'], verb: term('change') } : undefined;
  const verb = term(/^(?:c[ao]me in|arrived)$/.test(what) ? 'received' : /back$/.test(what) ? 'returned' : what);
  return { moods: ['act', 'update', 'read'], verb };
}

const MAKERS =
  /^(?:create|make|generate|build|prepare|produce|compile|draft|write|compose|put|provide|send|pull|get|add)$/;
const OBJECT =
  /^\S+\s+(?:together\s+|up\s+|me\s+|us\s+)*(?:(?:an?|the|some|my|our)\s+)?(?:(?:[\p{L}-]+\s+){0,4}?)([\p{L}]+)(?=\s+(?:of|for|on|about|from|with|showing|that|which|by|in|over|comparing)\b|[\s.!?]*$)/iu;

/** @param head a clause without what is only polite */
export function moodOf(head: string, commands: IsSaid): { moods: readonly VerbClass[]; verb?: Term } {
  const plain = head.trim();
  const [first = '', second = ''] = words(plain);
  // "Email of Ana": what is asked for, and no order.
  if (QUESTION.test(plain) || /^(?:e-?mail|phone|mail|text|call)s?\s+(?:of|address(?:es)?|numbers?)\b/i.test(plain))
    return { moods: ['read'] };
  // "Give it to Ana" hands it over.
  if (first === 'give' && !/^(?:me|us|an?|some)$/.test(second)) return { moods: ['update', 'act'], verb: term(first) };
  // "Make it due on Monday" changes it.
  if (/^[Mm]ake\s+(?:(?:it|them|him|her|this|that|these|those)\b|[A-Z]+-?\d)/.test(plain))
    return { moods: ['update', 'act'], verb: term('set') };
  // "Tell Ana that …" says it to her.
  if (first === 'tell' && second !== '' && !/^(?:me|us)$/.test(second)) return { moods: ['act'], verb: term(first) };
  // "Open tickets of Ana" are those that are open.
  const isSeveral =
    lemma(second) !== second ||
    (/^\p{L}+(?:\s+\p{Ll}+){1,3}s\s*[.?!]*$/u.test(plain) && !/\b(?:an?|the|my|our|this|that|it)\b/i.test(plain));
  if (STATES.has(first) && isSeveral && !/\d/.test(plain)) return { moods: ['read'] };
  const told = verbClasses(`${first} ${second}`);
  // "Check in Ana", where a tool does that.
  const phrasal = told.length === 0 && commands(`${first} ${second}`) ? (['act'] as const) : told;
  const known = phrasal.length > 0 ? phrasal : verbClasses(first);
  const verb = term(first === 'text' ? 'text message' : first);
  // What some tool does it may be told to do: "Report a repair", "Engage a supplier".
  const does = second !== '' && phrasal.length === 0 && commands(first) ? (['act'] as const) : [];
  const kinds = [...new Set([...known, ...does])];
  // "Block the customer": a verb that nobody told us of is still no reading.
  const isCommanded = /^\p{L}+\s+(?:the|an?|all|every|each|my|our|this|these|those)\s/iu.test(plain);
  if (kinds.length === 0 && isCommanded && !inLexicon(first)) return { moods: ['act'], verb };
  // "Create a summary of the latest sales": what is made is an answer, not an entry of a service.
  const object = MAKERS.test(first) ? OBJECT.exec(plain)?.[1] : undefined;
  const isReport = object !== undefined && REPORTS.has(lemma(object.toLowerCase()));
  if (kinds.length === 0) return { moods: ['read'] };
  return { moods: isReport ? ['read'] : kinds, verb };
}
