// Values in prose: quoted strings, addresses, ids, numbers with comparisons, times, pairs.
import { partsOfContext } from '@errand/plan';
import { term, terms } from '../lexicon/words.ts';
import { takeMoments } from './moments.ts';
import { count } from './number-words.ts';
import { takeNumbers } from './numbers.ts';
import { takeMonths, takePeriods, takeYears } from './periods.ts';
import type { Text } from './text.ts';
import { type Add, around, comparison, type Value } from './value.ts';

/** severity=2 */
const PAIR = /(?<![\w/?&=.<>!])([A-Za-z_][\w.-]*)=("[^"\n]*"|[^\s,;="]*[^\s,;=".?!])/g;
/** owner/name */
const PATH = /(?<![\w/.:@-])[A-Za-z0-9][\w.-]*[\w]\/[A-Za-z0-9](?:[\w.-]*\w)(?![\w/])/g;
/** What a slash only stands for "or" in. */
const CHOICE = /^(?:and\/or|he\/she|his\/hers?|[\d.]+\/[\d.]+)$/i;
/** #general */
const CHANNEL = /(?<![\w&#/])#(\p{L}[\p{L}\p{N}_-]*)/gu;
const isQuoted = (before: string) => (before.match(/["“”]/g) ?? []).length % 2 === 1;

/**
 * Takes every value but names out of a text.
 * @param forward whether a weekday means the coming one, as it does when something is to be planned
 */
export function takeValues(text: Text, now: Date, forward: boolean): Value[] {
  const values: Value[] = [];
  const add = (kind: Value['kind'], { at, end }: { at: number; end: number }, more: Partial<Value>) => {
    values.push({ kind, text: text.whole.slice(at, end).trim(), ...around(text, at, end), ...more });
  };
  for (const found of text.take(PAIR, (match, before) => (isQuoted(before) ? undefined : match)))
    add('pair', found, pairOf(found.value[1]!, found.value[2]!.replace(/^"(.*)"$/, '$1')));
  const quotes =
    /"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|`([^`\n]+)`|(?<![\p{L}\p{N}])'([^'\n]{2,}?)'(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])‘([^’\n]+)’/gu;
  for (const found of text.take(quotes, (match) =>
    match
      .slice(1)
      .find((part) => part !== undefined)!
      .trim(),
  ))
    add('quoted', found, { text: found.value });
  for (const found of text.take(/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, (match) => match[0]))
    add('email', found, {});
  for (const found of text.take(/\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/gi, (match) => match[0]))
    add('url', found, {});
  for (const found of text.take(
    /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
    (match) => match[0],
  ))
    add('id', found, {});
  takeTimes(text, { now, forward }, values, add);
  for (const found of text.take(PATH, ([match]) => (CHOICE.test(match) ? undefined : match))) add('path', found, {});
  for (const found of text.take(CHANNEL, (match) => match[1]!))
    add('name', found, { text: found.value, type: [term('channel')], sure: true });
  for (const found of text.take(
    /\b(?!\d+-(?:minute|hour|day))(?!(?:[Tt]op|mid|first|last|pre|post)-\d)(?=[\w-]*\d)(?:[A-Za-z]{1,12}[-_][A-Za-z0-9][\w-]*|[A-Za-z]{2,4}\d{3,}\w*|[A-Z]\d{2,}|\d{2,4}-\d{3,})\b|#\s?\w*\d\w*/g,
    (match) => match[0].replace(/^#\s?/, ''),
  )) {
    add('id', found, { text: found.value });
  }
  takeNumbers(text, values, add);
  return values.sort((a, b) => a.at - b.at);
}

function takeTimes(text: Text, { now, forward }: { now: Date; forward: boolean }, values: Value[], add: Add): void {
  const compared = ({ at, end }: { at: number; end: number }) =>
    comparison(text.whole.slice(0, at), text.whole.slice(end));
  for (const found of takePeriods(text, now)) add('period', found, { period: found.period, ...compared(found) });
  const lasting =
    /(?<!\b(?:in|last|past|next|every|each)\s+)(?:\bfor\s+)?\b(\d+(?:\.\d+)?|an?|half an|one|two|three)[\s-]?(minutes?|mins?|hours?|hrs?|h)\b(?!\s*(?:ago|later|from|before|after|each|earlier))/gi;
  for (const found of text.take(lasting, (match) => {
    const amount = match[1]!.toLowerCase() === 'half an' ? 0.5 : count(match[1]!);
    return amount * (/^m/i.test(match[2]!) ? 1 : 60);
  })) {
    add('duration', found, { minutes: found.value });
  }
  for (const found of takeMoments(text, now, forward))
    add('moment', found, { moment: found.moment, ...compared(found) });
  for (const found of [...takeMonths(text, now, forward), ...takeYears(text)])
    add('period', found, { period: found.period, ...compared(found) });
  // "between March 1 and April 3": the first bounds from below, the second from above.
  const times = values.filter(({ kind }) => kind === 'moment' || kind === 'period').sort((a, b) => a.at - b.at);
  for (const [index, value] of times.entries()) {
    const next = times[index + 1];
    if (next === undefined || !/^\s*(?:and|to|until|till|-|–)\s*$/i.test(text.whole.slice(value.end, next.at)))
      continue;
    if (!/\b(?:between|from)\s*(?:the\s*)?$/i.test(text.whole.slice(0, value.at))) continue;
    value.compare = 'low';
    next.compare = 'high';
    next.strict = false;
  }
}

const pairOf = (key: string, text: string): Pick<Value, 'text' | 'number' | 'before'> => ({
  text,
  number: /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined,
  before: terms(key).length > 0 ? terms(key) : [term(key.toLowerCase())],
});

/** The pairs of a context, and the prose that is left. */
export function takePairs(context: string): { pairs: Value[]; prose: string } {
  const { pairs, prose } = partsOfContext(context);
  const keys = pairs.map(([key]) => key);
  return {
    prose: prose.join('. '),
    pairs: pairs.map(
      ([key, text]): Value => ({
        kind: 'pair',
        ...pairOf(key, text),
        ...(keys.indexOf(key) === keys.lastIndexOf(key) && { key }),
        at: -1,
        end: -1,
        after: [],
        type: [],
        ties: [],
        fromContext: true,
      }),
    ),
  };
}
