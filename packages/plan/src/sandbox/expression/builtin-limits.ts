import { isRecord } from '@errand/basics/is-record';
import jsonata from 'jsonata';

/** Maximum characters of a text and items of a list during evaluation. Both are far above the limit of a result, 1 MiB. */
const MAX_SIZE = { characters: 8 * 1024 * 1024, items: 1024 * 1024 } as const;

/** Why a call or operator is refused. Its message is a sentence without its end, such as `$pad makes a list of more than 1,048,576 items`. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** JSONata's form of a function. */
type Builtin = { _jsonata_function: true; implementation: (...args: unknown[]) => unknown; signature?: unknown };

/**
 * JSONata's functions by name. Each first refuses a call that would make a text or list that is too large: such an allocation cannot be
 * interrupted, and ends the process when it does not fit.
 */
export async function limitedBuiltins(): Promise<ReadonlyMap<string, unknown>> {
  const names = [...Object.keys(RESULT_SIZES), ...SMALL_RESULTS];
  const builtins: Builtin[] = await jsonata(`[${names.map((name) => `$${name}`).join(',')}]`).evaluate({});
  return new Map(names.map((name, index) => [name, withSizeLimit(name, builtins[index]!)]));
}

function withSizeLimit(name: string, builtin: Builtin): Builtin {
  const { implementation } = builtin;
  const sizeOf = RESULT_SIZES[name];
  function call(this: unknown, ...args: unknown[]): unknown {
    for (const value of args) {
      if (typeof value === 'string' && value.length > MAX_SIZE.characters)
        throw tooLarge(`$${name}`, 'takes', 'characters');
    }
    const { characters = 0, items = 0 } = sizeOf?.(...args) ?? {};
    if (characters > MAX_SIZE.characters) throw tooLarge(`$${name}`, 'makes', 'characters');
    if (items > MAX_SIZE.items) throw tooLarge(`$${name}`, 'makes', 'items');
    return implementation.apply(this, args);
  }
  // JSONata passes arguments by the number of parameters, and reads their names from the text when a call omits some.
  const text = implementation.toString();
  Object.defineProperty(call, 'length', { value: implementation.length });
  Object.defineProperty(call, 'toString', { value: () => text });
  return { ...builtin, implementation: call };
}

/** The operator `&` calls this method of texts, so it gets the same limit. */
export function limitConcat(): void {
  const { concat } = String.prototype;
  Object.defineProperty(String.prototype, 'concat', {
    value(this: string, ...texts: string[]): string {
      if (texts.reduce((sum, text) => sum + text.length, this.length) > MAX_SIZE.characters)
        throw tooLarge('&', 'makes', 'characters');
      return concat.apply(this, texts);
    },
  });
}

function tooLarge(subject: string, verb: 'makes' | 'takes', unit: keyof typeof MAX_SIZE): TooLarge {
  const most = MAX_SIZE[unit].toLocaleString('en');
  return new TooLarge(`${subject} ${verb} a ${unit === 'items' ? 'list' : 'text'} of more than ${most} ${unit}`);
}

/** The size of a call's result: the characters of its longest text, the items of its longest list. */
type Size = { characters?: number; items?: number };
type SizeOf = (...args: readonly unknown[]) => Size;

const sharedSize = (names: string, sizeOf: SizeOf): Record<string, SizeOf> =>
  Object.fromEntries(names.split(' ').map((name) => [name, sizeOf]));

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);
const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : 1);
const numberOf = (value: unknown): number => (typeof value === 'number' ? Math.abs(value) : 0);

/** These split a text into a list of characters. */
const characters: SizeOf = (text) => ({ items: lengthOf(text) });
const copiedList: SizeOf = (list) => ({ items: countOf(list) });
const copiedText: SizeOf = (text) => ({ characters: lengthOf(text) });
/** A picture has a place for each digit of the result. */
const picture: SizeOf = (_, text) => ({ characters: 2 * lengthOf(text) });
/** A character is at most three bytes, and a byte becomes `%41`. */
const escaped: SizeOf = (text) => ({ characters: typeof text === 'string' ? 3 * Buffer.byteLength(text) : 0 });
const json: SizeOf = (value, isPretty) =>
  typeof value === 'object' && value !== null ? { characters: jsonLength(value, isPretty === true) } : {};

/** JSONata's functions that make or copy texts or lists, with the size of their result. */
export const RESULT_SIZES: Readonly<Record<string, SizeOf>> = {
  ...sharedSize('string clone', json),
  ...sharedSize('length substring', characters),
  ...sharedSize('substringBefore substringAfter lowercase uppercase trim match', copiedText),
  ...sharedSize('base64decode decodeUrlComponent decodeUrl', copiedText),
  ...sharedSize('encodeUrlComponent encodeUrl', escaped),
  ...sharedSize('formatNumber formatInteger', picture),
  ...sharedSize('map filter reduce keys spread merge reverse each sort shuffle distinct', copiedList),
  pad: (text, width, filling) => ({
    items: Math.max(lengthOf(text), numberOf(width)),
    characters: Math.max(lengthOf(text), numberOf(width) * Math.max(1, lengthOf(filling))),
  }),
  replace: (text, pattern, replacement, limit) => ({
    characters: lengthOf(text) + lengthOf(replacement) * occurrences(text, pattern, limit),
  }),
  split: (text, separator, limit) => ({ items: 1 + occurrences(text, separator, limit) }),
  join: (list, separator) => ({
    characters: asList(list).reduce<number>((sum, part) => sum + lengthOf(part) + lengthOf(separator), 0),
  }),
  fromMillis: (_, text) => ({ characters: lengthOf(text) + widths(text) }),
  base64encode: (text) => ({ characters: Math.ceil(lengthOf(text) / 3) * 4 }),
  zip: (...lists) => ({ items: Math.min(...lists.slice(0, 1000).map(countOf)) * (lists.length + 1) }),
  append: (list, added) => ({ items: countOf(list) + countOf(added) }),
};

/** JSONata's other functions. They return a number, a truth value, a short text, or a part of their arguments. */
export const SMALL_RESULTS: ReadonlySet<string> = new Set(
  `sum count max min average contains formatBase parseInteger number floor ceil round abs sqrt power random boolean not
  single sift lookup exists error assert type eval toMillis`.split(/\s+/),
);

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** How often a text contains another one; 0 for a pattern, because its matches are counted while they are read. */
function occurrences(text: unknown, part: unknown, limit: unknown): number {
  if (typeof text !== 'string' || typeof part !== 'string') return 0;
  const most = typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY;
  if (part === '') return Math.min(most, text.length);
  let count = 0;
  for (let at = text.indexOf(part); at !== -1 && count < most; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

/** The widths in a picture of a moment: `[Y,4]` and `[D01,2-8]` write that many digits. A mandatory digit may be a number, too. */
const widths = (text: unknown): number =>
  typeof text === 'string' ? (text.match(/\d+/g) ?? []).reduce((sum, digits) => sum + Number(digits), 0) : 0;

const scalarLength = (value: unknown): number => (typeof value === 'string' ? value.length + 2 : 4);

/** Approximate length of a value's JSON text. Shared values count at each occurrence; the walk ends once the sum exceeds every limit. */
function jsonLength(value: object, isPretty: boolean): number {
  const ENOUGH = 16 * 1024 * 1024;
  const perMember = isPretty ? 16 : 2;
  const stack: unknown[] = [value];
  let length = 0;
  while (stack.length > 0 && length < ENOUGH) {
    const at = stack.pop();
    if (Array.isArray(at)) {
      length += perMember * at.length + 2;
      for (const item of at) stack.push(item);
    } else if (isRecord(at)) {
      for (const [key, member] of Object.entries(at)) {
        length += key.length + perMember + 4;
        stack.push(member);
      }
    } else length += scalarLength(at);
  }
  return length;
}
