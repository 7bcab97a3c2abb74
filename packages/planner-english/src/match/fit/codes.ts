// Codes that a document asks for by their standard, and the words that people say instead: countries and currencies.
import { currencyOf } from '../../intent/units.ts';
import type { Value } from '../../intent/value.ts';
import { words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Shape } from '../../tools/shape.ts';

let countries: ReadonlyMap<string, string> | undefined;
let languages: ReadonlyMap<string, string> | undefined;
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const CODES = LETTERS.flatMap((one) => LETTERS.map((other) => `${one}${other}`));

/** FX and UK are old or other codes of FR and GB. */
const isCurrent = (code: string) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;

/** Countries by their English names, in small letters. */
function countriesByName(): ReadonlyMap<string, string> {
  if (countries !== undefined) return countries;
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const codes = CODES.filter((code) => code !== 'ZZ' && isCurrent(code));
  countries = new Map(codes.flatMap((code) => [[names.of(code)?.toLowerCase() ?? '', code] as const]));
  return countries;
}

/** Whether a text is the two letters of a country. */
const isCountryCode = ({ type, description }: Shape): boolean =>
  type === 'string' &&
  /\bISO[ -]?3166(?:-1)?(?:[ -]alpha-?2)?\b|\bcountry\b.*\b(?:ISO|two[- ]letter)\b|\b(?:ISO|two[- ]letter)\b.*\bcountry\b/i.test(
    description,
  );

/** "Germany" where the code of a country is taken: DE. Nothing where the value is no country, or stands for none. */
function countryOf({ kind, text, type, preposition = '' }: Named): string | undefined {
  const isPlace = /^(?:in|from|at|to)$/.test(preposition) || type.some(({ lemma }) => lemma === 'country');
  if (kind !== 'name' && kind !== 'quoted') return undefined;
  if (/^[A-Z]{2}$/.test(text)) return text;
  return isPlace ? countriesByName().get(text.toLowerCase()) : undefined;
}

/** Languages by their English names, in small letters. */
function languagesByName(): ReadonlyMap<string, string> {
  if (languages !== undefined) return languages;
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const codes = CODES.map((code) => code.toLowerCase()).filter((code) => Intl.getCanonicalLocales(code)[0] === code);
  languages = new Map(codes.flatMap((code) => [[names.of(code)?.toLowerCase() ?? '', code] as const]));
  return languages;
}

/** Whether a text is the two letters of a language. */
const isLanguageCode = ({ type, description }: Shape): boolean =>
  type === 'string' && /\bISO[ -]?639(?:-1)?\b|\blanguage\b.*\b(?:ISO|two[- ]letter)\b/i.test(description);

const FROM = /\b(?:from|source|original)\b/i;

/** "French" where the code of a language is taken: fr. Of two languages that a thing has, the little word says which is meant. */
function languageOf({ kind, text, preposition = '' }: Named, { name, shape }: Coded): string | undefined {
  const isFrom = FROM.test(`${words(name).join(' ')} ${shape.description}`);
  const isOther = /^(?:in)?to$/.test(preposition) ? isFrom : preposition === 'from' && !isFrom;
  return kind === 'name' && !isOther ? languagesByName().get(text.toLowerCase()) : undefined;
}

type Coded = Pick<Slot, 'name' | 'shape'>;
type Named = Pick<Value, 'kind' | 'text' | 'type' | 'preposition'>;

/** Whether a text is a code of which people say the name. */
export const isCode = ({ shape }: Pick<Slot, 'shape'>): boolean =>
  shape.enum === undefined && (isCountryCode(shape) || isLanguageCode(shape));

/** The code that a name stands for where one is taken. */
export const codeOf = (value: Named, one: Coded): string | undefined =>
  isCountryCode(one.shape) ? countryOf(value) : languageOf(value, one);

/** Whether something is called so that it tells a currency: `currency`, `fee_currency`. */
export const isCurrency = (name: string): boolean =>
  /^currency(?:_?code)?$/i.test(name) || /(?:_c|[a-z]C)urrency(?:_?[Cc]ode)?$/.test(name);

/** What a field of a row holds where a name is a code that it may hold: a country, a language, a currency. */
export function heldCode(value: Named, field: Coded): string | undefined {
  if (isCode(field)) return codeOf(value, field);
  return isCurrency(field.name) && value.kind === 'name' && /^[A-Z]{3}$/.test(value.text)
    ? asCurrency(field, value.text)
    : undefined;
}

/** The argument that tells the currency of the amounts of a call. */
export const currencySlot = (slots: readonly Slot[]): Slot | undefined =>
  slots.find(({ name, shape }) => isCurrency(name) && /string|any/.test(shape.type));

/** A currency as an argument takes it; nothing where it takes others. */
export function asCurrency({ shape }: Pick<Slot, 'shape'>, word: string): string | undefined {
  const code = currencyOf(word);
  if (shape.enum === undefined) return code;
  const member = shape.enum.find((one) => typeof one === 'string' && one.toUpperCase() === code);
  return member === undefined ? undefined : String(member);
}
