// What kind of value a text is, by its form and by the name of its argument.
import type { Literal } from './literals.ts';
import { addressesIn } from './user-texts.ts';

const ID_NOUNS = new Set(['id', 'ids', 'uuid', 'guid', 'sku', 'iban']);
const PHONE_NOUNS = new Set(['phone', 'mobile', 'tel', 'telephone', 'fax', 'whatsapp']);
/** `per_42`, `INV-2024-7`, UUIDs, long hexadecimal and decimal numbers, `C0AB12XYZ`. */
const ID_FORMS = [
  /^[a-z]{1,8}[_-]\d[\w-]*$/i,
  /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  /^(?=.*\d)[\da-f]{12,}$/i,
  /^\d{5,}$/,
  /^[A-Z]{1,4}(?=[A-Z]*\d)[\dA-Z]{6,}$/,
];
const MOMENT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
/** Words that services accept in place of an id, such as "me" and "primary". */
const WORD = /^[a-z]+$/;

export const isMoment = (text: string): boolean => MOMENT.test(text);

export const isIdForm = (text: string): boolean => ID_FORMS.some((form) => form.test(text));

/** Whether a literal names one thing of a service. */
export function isId({ value, noun, whole, inPath }: Literal): boolean {
  const text = String(value);
  if (whole && (ID_NOUNS.has(noun) || (inPath && typeof value === 'string'))) return !WORD.test(text);
  return typeof value === 'string' && !isMoment(text) && isIdForm(text);
}

/** The addresses in a literal: those of its text, or all of it where its argument is a phone number. */
export function addressesOf({ value, noun, whole }: Literal): string[] {
  const text = String(value);
  const isPhone = whole && PHONE_NOUNS.has(noun) && text.replace(/\D/g, '').length >= 5;
  return isPhone ? [text] : addressesIn(text);
}
