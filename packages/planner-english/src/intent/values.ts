// Values in prose: quoted strings, addresses, ids, numbers with comparisons, times, pairs.
import { parseContext } from '@errand/plan';
import { term, terms } from '../lexicon/words.ts';
import { takeMoments } from './moments.ts';
import { count } from './number-words.ts';
import { takeNumbers } from './numbers.ts';
import { periodAt, takeMonths, takePeriods, takeYears } from './periods.ts';
import { isQuoted, type Text } from './text.ts';
import { type Add, around, comparison, pair, type Value } from './value.ts';

const DUE =
  /\b(?:should|must|ought|has to|have to|had to)\s+(?:to\s+)?(?:have\s+)?be(?:en)?\s+\p{L}+\s+(?:by|before|until|on)\s+(?:the\s+)?$/iu;
/** severity=2 */
const PAIR = /(?<![\w/?&=.<>!])([A-Za-z_][\w.-]*)=("[^"\n]*"|[^\s,;="]*[^\s,;=".?!])/g;
const QUOTED =
  /"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|`([^`\n]+)`|(?<![\p{L}\p{N}])'([^'\n]{2,}?)'(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])‘([^’\n]+)’/gu;
const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/gi;
/** +47 22 33 44 55, 0151 555 0199 */
const PHONE = /(?<![\w.,-])(?:\+\d|0\d)(?:[\d()]|[\s-](?=[\d(])){6,18}(?![\w-])/g;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
/** owner/name; what a slash only stands for "or" in is none. */
const PATH = /(?<![\w/.:@-])[A-Za-z0-9][\w.-]*[\w]\/[A-Za-z0-9](?:[\w.-]*\w)(?![\w/])/g;
const CHOICE = /^(?:and\/or|he\/she|his\/hers?|[\d.]+\/[\d.]+)$/i;
/** #general */
const CHANNEL = /(?<![\w&#/])#(\p{L}[\p{L}\p{N}_-]*)/gu;
const ID =
  /\b(?!\d+-(?:minute|hour|day))(?!(?:[Tt]op|mid|first|last|pre|post)-\d)(?=[\w-]*\d)(?:(?!FY|UTC|GMT)[A-Z]{2,3}\d{2,4}\s[A-Z]{2,3}(?![\w-])|[A-Za-z]\w{0,11}[-_][A-Za-z0-9][\w-]*|[A-Za-z]{2,4}\d{3,}\w*|(?!FY)[A-Z]{2}\d{2}(?!\s[A-Z]{2,3}\b)|[A-Z]\d{2,}|\d{1,3}(?![KMDGHLWV])[A-Z]|(?=[A-Z\d]*\d[A-Z])(?=\d*[A-Z])[A-Z\d]{5,12}|\d{2,4}-\d{3,})\b|#\s?\w*\d\w*/g;
const LASTING =
  /(?=[\dafhot])(?<!\b(?:in|last|past|next|every|each)\s+)(?:\bfor\s+)?\b(\d+(?:\.\d+)?|an?|half an|one|two|three)(?:\s+and\s+a\s+half)?[\s-]?(minutes?|mins?|hours?|hrs?|h)\b(?:\s+and\s+a\s+half\b)?(?!\s*(?:ago|later|from|before|after|each|earlier))/gi;

/**
 * Takes every value but names out of a text.
 * @param forward whether a weekday means the coming one, as it does when something is to be planned
 */
export function takeValues(text: Text, now: Date, forward: boolean): Value[] {
  const values: Value[] = [];
  const add: Add = (kind, { at, end }, more) => {
    values.push({ kind, text: text.whole.slice(at, end).trim(), ...around(text, at, end), ...more });
  };
  const take = (
    kind: Value['kind'],
    pattern: RegExp,
    read = (match: RegExpExecArray): string | undefined => match[0],
  ) => {
    for (const found of text.take(pattern, read)) add(kind, found, { text: found.value });
  };
  for (const found of text.take(PAIR, (match, before) => (isQuoted(before) ? undefined : match)))
    add('pair', found, pairOf(found.value[1]!, found.value[2]!.replace(/^"(.*)"$/, '$1')));
  for (const found of text.take(QUOTED, (match) => match.slice(1).join('').trim())) {
    // What stands behind a colon is what is said, and no name.
    const isSaid = /(?::|\b(?:answer|comment|note|reply|respond|say|write))\s*$/i.test(text.whole.slice(0, found.at));
    add('quoted', found, { text: found.value, ...(isSaid && { preposition: 'saying' }) });
  }
  take('email', EMAIL);
  take('url', LINK);
  take('id', UUID);
  takeTimes(text, { now, forward }, values, add);
  take('phone', PHONE);
  take('path', PATH, ([match]) => (CHOICE.test(match) ? undefined : match));
  for (const found of text.take(CHANNEL, (match) => match[1]!))
    add('name', found, { text: found.value, type: [term('channel')], sure: true });
  take('id', ID, ([match]) => match.replace(/^#\s?/, ''));
  takeNumbers(text, values, add);
  return values.sort((a, b) => a.at - b.at);
}

function takeTimes(text: Text, { now, forward }: { now: Date; forward: boolean }, values: Value[], add: Add): void {
  const compared = ({ at, end }: { at: number; end: number }) => {
    const before = text.whole.slice(0, at);
    const due = DUE.exec(before);
    if (due !== null) text.mask(due.index, at);
    return { ...comparison(before, text.whole.slice(end)), ...(due !== null && { due: true, at: due.index }) };
  };
  // "The sales from Q2" are those of Q2.
  const bounds = (found: { at: number; end: number }) =>
    /(?<!starting\s+)\bfrom\s+(?:the\s+)?$/i.test(text.whole.slice(0, found.at)) ? {} : compared(found);
  // What is overdue is so today.
  text.take(/(?=today|now)(?<=\boverdue\s+)(?:today|now)\b/gi, ([word]) => word);
  for (const found of takePeriods(text, now)) add('period', found, { period: found.value, ...bounds(found) });
  const minutes = ([all, many, unit]: RegExpExecArray) =>
    ((/^half/i.test(many!) ? 0.5 : count(many!)) + (/and a half/i.test(all) ? 0.5 : 0)) * (/^m/i.test(unit!) ? 1 : 60);
  for (const found of text.take(LASTING, minutes))
    add('duration', found, { minutes: found.value, ...comparison(text.whole.slice(0, found.at), '') });
  for (const found of takeMoments(text, now, forward))
    add('moment', found, { moment: found.moment, ...compared(found) });
  for (const found of [...takeMonths(text, now, forward), ...takeYears(text)])
    add('period', found, { period: found.value, ...bounds(found) });
  pair(
    text.whole,
    values.filter(({ kind }) => kind === 'moment' || kind === 'period'),
  );
}

const pairOf = (key: string, text: string): Pick<Value, 'text' | 'number' | 'before'> => ({
  text,
  number: /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined,
  before: terms(key).length > 0 ? terms(key) : [term(key.toLowerCase())],
});

/** The pairs of a context, and the prose that is left. */
export function takePairs(context: string): { pairs: Value[]; prose: string } {
  const { pairs, prose } = parseContext(context);
  const keys = pairs.map(([key]) => key);
  const none = { at: -1, end: -1, after: [], type: [], ties: [], fromContext: true };
  const made = pairs.map(([key, text]): Value => {
    const isOnly = keys.indexOf(key) === keys.lastIndexOf(key);
    return { kind: 'pair', ...none, ...pairOf(key, text), ...(isOnly && { key }) };
  });
  return { prose: prose.join('. '), pairs: made };
}

/** From today on: what "next" and "upcoming" ask for. */
export function comingAt(text: Text, said: string, now: Date): Value[] {
  const at = text.whole.indexOf(said);
  const told = around(text, at, at + said.length);
  return [
    {
      ...told,
      kind: 'period',
      text: said,
      period: periodAt(now, 'day'),
      compare: 'low',
      coming: true,
      before: [],
      type: [],
      ties: [],
    },
  ];
}
