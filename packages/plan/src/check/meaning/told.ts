// What the people of a run have said: values that stand there need no other source.
import { MONTHS, numbersIn, squashed } from './told-words.ts';

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const URLS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]}]+/gi;
const PHONES = /\+\d[\d ()./-]{6,}\d/g;

/** Addresses in a text: e-mail addresses, URLs, and phone numbers with a country code. */
export const addressesIn = (text: string): string[] =>
  [EMAIL, URLS, PHONES].flatMap((pattern) => [...text.matchAll(pattern)].map(([found]) => found));

/** Factors between units: minutes, hours, days, weeks, cents, thousands. */
const FACTORS = [1, 7, 24, 30, 60, 100, 1000, 1440, 3600, 10_080, 60_000, 86_400, 3_600_000];
/** Numbers of a text that are combined with each other. */
const MAX_NUMBERS = 50;

/** The intent, the context, the inputs and the answers of people, as a place to look values up. */
export class Told {
  readonly #text: string;
  readonly #squashed: string;
  readonly #digits: string;
  #numbers: ReadonlySet<number> | undefined;

  constructor(texts: readonly string[]) {
    this.#text = texts.join('\n').toLowerCase();
    this.#squashed = squashed(this.#text);
    this.#digits = this.#text.replace(/[^\d\n,;]/g, '');
  }

  /** Whether a text stands there as a word of its own; case, and signs between letters, do not matter for longer ones. */
  says(text: string): boolean {
    const wanted = text.trim().toLowerCase();
    if (wanted === '' || holdsWord(this.#text, wanted)) return true;
    const plain = squashed(wanted);
    return plain.length >= 4 && !addressesIn(wanted).length && this.#squashed.includes(plain);
  }

  /** Whether an address is there: of a URL the host, of a phone number the digits. */
  saysAddress(address: string): boolean {
    if (address.includes('://')) {
      const host = hostOf(address);
      return host !== undefined && holdsWord(this.#text, host);
    }
    if (address.includes('@')) return holdsWord(this.#text, address.toLowerCase());
    const digits = address.replace(/\D/g, '');
    return digits.length > 0 && this.#digits.includes(digits.replace(/^0+/, '').slice(-9));
  }

  get #numbersSaid(): ReadonlySet<number> {
    this.#numbers ??= new Set(numbersIn(this.#text));
    return this.#numbers;
  }

  /** Whether a number is there as it is. */
  saysExactly(value: number): boolean {
    return this.#numbersSaid.has(value);
  }

  /** Whether a number is there, also in another unit or as a simple combination of two that are there. */
  saysNumber(value: number): boolean {
    if (Math.abs(value) <= 1) return true;
    const said = [0.5, 1, ...this.#numbersSaid].slice(0, MAX_NUMBERS);
    const near = (other: number) => Math.abs(other - Math.abs(value)) <= 1e-9 * Math.abs(value);
    return said.some(
      (one) =>
        FACTORS.some((factor) => near(one * factor) || near(one / factor)) ||
        said.some((two) => [one + two, one - two, one * two, one * 60 + two].some(near)),
    );
  }

  /** Whether a day is written there: as ISO text, or by its number and its month. */
  saysDay(iso: string): boolean {
    if (this.#text.includes(iso.slice(0, 10).toLowerCase())) return true;
    const [month, day] = [Number(iso.slice(5, 7)), Number(iso.slice(8, 10))];
    if (new RegExp(`(?<!\\d)0?${day}(?:st|nd|rd|th)\\b`).test(this.#text)) return true;
    const numeric = [`${day}[./-]0?${month}`, `${month}[./-]0?${day}`].join('|');
    if (new RegExp(`(?<![\\d.])0?(?:${numeric})(?!\\d)`).test(this.#text)) return true;
    return (
      new RegExp(`\\b${MONTHS[month - 1]}`).test(this.#text) && new RegExp(`(?<!\\d)0?${day}(?!\\d)`).test(this.#text)
    );
  }
}

/** The host of a URL in small letters; undefined when it has none that can be read. */
export function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
}

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + word.length] ?? ' '];
    const next = text[at + word.length + 1] ?? ' ';
    const goesOn = /[\w@-]/.test(after) || (after === '.' && /\w/.test(next));
    if (!(/[\w@.-]/.test(before) && /\w/.test(word[0]!)) && !(goesOn && /\w/.test(word.at(-1)!))) return true;
  }
  return false;
}
