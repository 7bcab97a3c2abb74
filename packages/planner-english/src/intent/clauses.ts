// What an intent is made of: the things that it asks for, and the free text that it gives to be sent.
import { term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { type IsSaid, isCommand, isQuestion, moodOf, withoutPolite } from './mood.ts';
import { isAim, isAnnounced, isIdle, isSentence } from './statements.ts';
import { isQuoted, type Text } from './text.ts';
import { REFERS } from './told.ts';
import { around, type Value } from './value.ts';

/** `stated`: how much of it tells what is the case, before it says what is to be done. */
export type ClauseSpan = { text: string; at: number; stated: number };

type Known = { commands: IsSaid; isThing: Text['isThing'] };

/** "find X and who owns it, then email her" → three clauses; a plain "deals and orders" is one. */
export const splitClauses = (text: string, known: Known): ClauseSpan[] =>
  withStatements(text, startsOf(text, known), known);

/** "Before the newsletter goes out, which …" */
const SUBORDINATE = /^\s*(?:before|after|as|since|because|while|when|now that|so that|to)\b/i;

function startsOf(text: string, { commands: isDone, isThing }: Known): number[] {
  const starts = [0];
  const border =
    /(?:(?<!\b(?:Dr|Mr|Mrs|Ms|Prof|No|Nr|vs|e\.g|i\.e))[.!?;:]\s+|,?\s+(?:and then|then|and also|and|as well as|plus|so)\s+|,\s+|\n+)(?=\S)/gi;
  for (const match of text.matchAll(border)) {
    const next = text.slice(match.index + match[0].length);
    if (isQuoted(text.slice(0, match.index))) continue;
    const [first = '', second = ''] = next
      .replace(/^(?:(?:so|then|after that|afterwards|please|kindly|also|(?:can|could|would) you),?\s+)+/i, '')
      .split(/\s+/, 2);
    const word = first.toLowerCase().replace(/[^a-z']/g, '');
    const stop = /^[.!?;\n]/.test(match[0]);
    const head = text.slice(starts.at(-1), match.index);
    const isTold = SUBORDINATE.test(head) && isSentence(head, isThing);
    const asks =
      /^(?:who|what|which|when|where|how|whose)$/.test(word) &&
      (!/^,\s+$/.test(match[0]) || isTold || /\b(?:who|what|when|where|how)\b/i.test(first));
    const commands =
      (isDone(word) || verbClasses(word).some((kind) => kind !== 'read' || stop)) &&
      first === word &&
      // `text "…"` says which text it is.
      !(/^["“]/.test(second) && /^(?:text|message|note|comment|mail|email|label)$/.test(word)) &&
      /^(?:an?|the|it|them|this|that|him|his|her|both|to|my|our|all|each|every|its|their|one|new|me|us)$|^["“\p{Lu}]|@/u.test(
        second,
      );
    // "I need a generator. Which are free?": one question.
    const goesOn = /^which\s+(?:are|is|ones|of\s+(?:them|these|those))\b/i.test(next);
    if (goesOn) continue;
    // "Ana is back: set her to active", "One question: which are open?"
    const leads = isSentence(head, isThing) || isIdle(head);
    if (/^:/.test(match[0]) && !(leads && (asks || commands || reads(next, isDone)))) continue;
    if (/^,?\s+so\s/i.test(match[0]) && !(leads && (asks || commands))) continue;
    if (asks || commands || (stop && next.trim().length > 12)) starts.push(match.index + match[0].length);
  }
  return starts;
}

const TELLS = /^\s*(?:\S+\s+){1,6}?(?:is|are|was|were|has|have|had|will|can(?:['’]t|not)?|just)\s/i;

/** Whether a text says what is the case: "Order 12 is late" is no order. */
function states(text: string, commands: IsSaid): boolean {
  const { moods, verb } = moodOf(withoutPolite(text), commands);
  // What a text that is given says is told by nobody: `Reply to ticket 5: "It is done."`
  const [own = ''] = text.split(/["“]/);
  const isGiven = /(?::|\bsay(?:s|ing))\s*["“]/i.test(text);
  return !isQuestion(text) && (verb === undefined ? !isGiven : TELLS.test(own) && !moods.includes('read'));
}

/** "Show me the permits" */
const reads = (text: string, commands: IsSaid): boolean =>
  !states(text, commands) && verbClasses(words(withoutPolite(text))[0] ?? '').includes('read');

/** What narrows what is asked is no mere statement. */
const NARROWS = /\b(?:only|must|should|except|without|but not)\b/i;
const WISHES = /^\s*(?:i|we)(?:['’]d| would)? (?:need|want|like|must know)\b/i;

const FOR = /\sfor (?:the|my|our|an?) [\p{Ll} -]+[.!]?\s*$/u;
const isOther = (text: string, isThing: Text['isThing']): boolean => !words(text).some((word) => isThing(term(word)));

/** Without a figure or a name. */
const isPlainText = (text: string): boolean =>
  !/\d|["“]/.test(text) && !/\s(?!I\b|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)\p{Lu}/u.test(text.trim());

/** "Biscuit is down to 14.2 kg, please correct her weight": what is told before a question or a command is one clause with it. */
function withStatements(text: string, starts: readonly number[], { commands, isThing }: Known): ClauseSpan[] {
  const spans: ClauseSpan[] = [];
  const parts = starts.map((at, index) => ({ at, own: text.slice(at, starts[index + 1]) }));
  const orders = ({ own }: (typeof parts)[number]) => !isAim(own) && isCommand(own, commands);
  const asks = (part: (typeof parts)[number]) =>
    isQuestion(part.own) ||
    orders(part) ||
    (WISHES.test(part.own) && !isAim(part.own)) ||
    REFERS.test(part.own) ||
    reads(part.own, commands);
  // Where the statements begin that nothing has followed yet.
  let from: number | undefined;
  for (const [index, part] of parts.entries()) {
    const { at, own } = part;
    const next = parts[index + 1];
    const isReferred = next !== undefined && isCommand(next.own, commands) && REFERS.test(next.own);
    const isLed = /:\s*$/.test(own) && (isIdle(own) || isAnnounced(own.replace(/:\s*$/, '')));
    // "I want to remind them. Which …": it is asked for that, and nobody is reminded yet.
    const isAimed = isAim(own) && !parts.slice(index + 1).some(orders);
    const isWished = WISHES.test(own) && !isAimed;
    const isSaid = isAimed || states(own, commands);
    const narrows = isAimed ? /\b(?:only|except|without|but not)\b/i : NARROWS;
    const isTold = isLed || (isSaid && !isWished && (isReferred || (isSentence(own, isThing) && !narrows.test(own))));
    // "Which rooms are free? I want to write to them today": what for.
    const isPurpose =
      isAim(own) &&
      isPlainText(own) &&
      index > 0 &&
      !parts.slice(index + 1).some(asks) &&
      !parts.slice(0, index).some(orders);
    if (isPurpose) continue;
    if (isTold && parts.slice(index + 1).some(asks)) from ??= at;
    else {
      const begin = from ?? at;
      from = undefined;
      const said = text.slice(begin, at + own.length);
      // "I need the title and the names for the sign at the entrance", behind a question.
      const isFields = index > 0 && begin === at && WISHES.test(own);
      const plain = isFields
        ? said.replace(FOR, (end) => (isOther(end, isThing) ? ' '.repeat(end.length) : end))
        : said;
      spans.push({ at: begin, text: plain, stated: at - begin });
    }
  }
  return spans;
}

const SAID =
  /\b(?:saying|(?:that|which)\s+(?:says|reads)|with\s+the\s+(?:text|message|comment|note|body|reply|words|subject|title|description|reason))\s*(?:that\s+)?[:,]?\s+(?=\S)|(?<=[\p{L}\p{N}"”'’])\s*:\s+(?=\S)/giu;
/** What is sent or written, so that a text may follow. */
const SENDS =
  /^\s*(?:please\s+)?(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?(?:add|append|answer|comment|create|email|file|leave|log|mail|make|message|note|notify|open|ping|post|put|raise|record|reject|remind|reply|respond|say|send|submit|tell|text|write|sms)\b/i;

const NEXT_COMMAND = /(?<=[.!?;])\s+(?:and\s+)?(?:then|after that|afterwards)\b|,?\s+and then\b/i;

/** Takes the text that is to be sent out of an intent; one in quotation marks is left to those who read quotations. */
export function takeTexts(text: Text): Value[] {
  if (!SENDS.test(text.whole)) return [];
  for (const match of text.rest.matchAll(SAID)) {
    const at = match.index + match[0].length;
    const said = text.whole.slice(at).trim();
    if (/^["“«'‘`]/.test(said) || isQuoted(text.whole.slice(0, match.index))) continue;
    // "… It works again. Then close it": the next thing to do is no part of the text.
    const next = NEXT_COMMAND.exec(said)?.index;
    const end = at + (next === undefined ? said.length : said.slice(0, next).length);
    const told = around(text, at, end);
    text.mask(match.index, end);
    return [{ ...told, kind: 'text', text: text.whole.slice(at, end), at, end, preposition: 'saying' }];
  }
  return [];
}
