// Parts of a call that its sentence leaves out.
import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';
import { addressesIn, cut, words } from '@errand/plan';

/** Letters from which a sentence names a text by its label alone. */
const LONG = 40;
/** Texts that are shown, letters of each, and addresses. */
const MAX = { texts: 3, letters: 1000, addresses: 20 };
const MAX_DOUBTS = 5;
const MAX_DOUBT_LETTERS = 400;

/** The long texts of a call and the addresses in its arguments, as far as its sentence does not show them. */
export function inWhole(sentence: string, args: Json): string[] {
  const texts = textsOf(args, '');
  const long = texts.filter(({ text }) => text.length > LONG && !sentence.includes(text));
  const excerpts = long.slice(0, MAX.texts).map(({ label, text }) => {
    const all = text.length > MAX.letters ? ` (${text.length} letters)` : '';
    return `${label}${all}: "${cut(visible(text), MAX.letters)}".`;
  });
  const short = texts.filter(({ text }) => text.length <= LONG);
  const addresses = [...new Set(short.flatMap(({ text }) => addressesIn(text)))].filter(
    (part) => !sentence.includes(part),
  );
  const more = addresses.length > MAX.addresses ? ` and ${addresses.length - MAX.addresses} more` : '';
  const to =
    addresses.length === 0 ? [] : [`Addresses: ${addresses.slice(0, MAX.addresses).map(visible).join(', ')}${more}.`];
  return [...to, ...excerpts, ...(long.length > MAX.texts ? [`${long.length - MAX.texts} more long texts.`] : [])];
}

export const doubtTexts = (doubts: readonly string[]): string[] =>
  doubts.slice(0, MAX_DOUBTS).map((doubt) => `Doubtful: ${cut(visible(doubt), MAX_DOUBT_LETTERS)}`);

// Line breaks and characters that hide or reverse text could make it look like another sentence.
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

function textsOf(value: Json, label: string): { label: string; text: string }[] {
  if (typeof value === 'string') return [{ label, text: value }];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, label));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => textsOf(member as Json, words(key)));
}
