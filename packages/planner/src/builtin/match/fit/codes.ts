// Codes that a document asks for by their standard, and the words that people say instead: countries and currencies.
import { currencyOf } from '../../intent/units.ts';
import type { Value } from '../../intent/value.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Shape } from '../../tools/shape.ts';

let countries: ReadonlyMap<string, string> | undefined;

/** FX and UK are old or other codes of FR and GB. */
const isCurrent = (code: string) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;

/** Countries by their English names, in small letters. */
function countriesByName(): ReadonlyMap<string, string> {
  if (countries !== undefined) return countries;
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const codes = letters
    .flatMap((one) => letters.map((other) => `${one}${other}`))
    .filter((code) => code !== 'ZZ' && isCurrent(code));
  countries = new Map(codes.flatMap((code) => [[names.of(code)?.toLowerCase() ?? '', code] as const]));
  return countries;
}

/** Whether a text is the two letters of a country. */
export const isCountryCode = ({ type, description }: Shape): boolean =>
  type === 'string' &&
  /\bISO[ -]?3166(?:-1)?(?:[ -]alpha-?2)?\b|\bcountry\b.*\b(?:ISO|two[- ]letter)\b|\b(?:ISO|two[- ]letter)\b.*\bcountry\b/i.test(
    description,
  );

/** "Germany" where the code of a country is taken: DE. Nothing where the value is no country, or stands for none. */
export function countryOf({ kind, text, type, preposition = '' }: Value): string | undefined {
  const isPlace = /^(?:in|from|at|to)$/.test(preposition) || type.some(({ lemma }) => lemma === 'country');
  if (kind !== 'name' && kind !== 'quoted') return undefined;
  if (/^[A-Z]{2}$/.test(text)) return text;
  return isPlace ? countriesByName().get(text.toLowerCase()) : undefined;
}

/** Whether something is called so that it tells a currency: `currency`, `fee_currency`. */
export const isCurrency = (name: string): boolean =>
  /^currency(?:_?code)?$/i.test(name) || /(?:_c|[a-z]C)urrency(?:_?[Cc]ode)?$/.test(name);

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
