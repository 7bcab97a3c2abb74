// Texts that people wrote for a run: values in them need no other source.

const EMAIL = /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const URLS = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>)\]}]+/gi;
const PHONES = /\+\d[\d ()./-]{6,}\d/g;

/** Addresses in a text: e-mail addresses, URLs, and phone numbers with a country code. */
export const addressesIn = (text: string): string[] =>
  [EMAIL, URLS, PHONES].flatMap((pattern) => [...text.matchAll(pattern)].map(([address]) => address));

/** Factors between units: minutes, hours, days, weeks, cents, thousands. */
const FACTORS = [1, 7, 24, 30, 60, 100, 1000, 1440, 3600, 10_080, 60_000, 86_400, 3_600_000];
/** Numbers that a word implies: a week, a day, half an hour, an hour, all of it. */
const IMPLIED = new Set([7, 24, 30, 60, 100]);
/** Maximum number of numbers that are combined with each other. */
const MAX_NUMBERS = 50;

/** The intent, the context, the inputs and the answers of people. */
export class UserTexts {
  readonly #text: string;
  readonly #squashed: string;
  readonly #digits: string;
  #numbers: ReadonlySet<number> | undefined;

  constructor(texts: readonly string[]) {
    this.#text = texts.join('\n').toLowerCase();
    this.#squashed = lettersAndDigits(this.#text);
    this.#digits = this.#text.replace(/[^\d\n,;]/g, '');
  }

  /** Whether the texts contain a text as a whole word, in any case. */
  includesWord(text: string): boolean {
    const word = text.trim().toLowerCase();
    return word === '' || containsWord(this.#text, word);
  }

  /** As `includesWord`; for four letters or more, signs between letters and digits are ignored. */
  includes(text: string): boolean {
    const lowered = text.trim().toLowerCase();
    if (this.includesWord(lowered)) return true;
    const plain = lettersAndDigits(lowered);
    return plain.length >= 4 && !addressesIn(lowered).length && this.#squashed.includes(plain);
  }

  /** Whether the texts contain an address: the host of a URL, the last digits of a phone number. */
  includesAddress(address: string): boolean {
    if (address.includes('://')) {
      const host = hostOf(address);
      return host !== undefined && containsWord(this.#text, host);
    }
    if (address.includes('@')) return containsWord(this.#text, address.toLowerCase());
    const digits = address.replace(/\D/g, '');
    return digits.length >= 5 && this.#digits.includes(digits.replace(/^0+/, '').slice(-9));
  }

  /** Whether the texts, in lower case, match a pattern. */
  matches(words: RegExp): boolean {
    return words.test(this.#text);
  }

  get #allNumbers(): ReadonlySet<number> {
    this.#numbers ??= new Set(numbersIn(this.#text));
    return this.#numbers;
  }

  includesExactly(value: number): boolean {
    return this.#allNumbers.has(value);
  }

  /** Whether the texts contain a number, also in another unit or as a simple combination of two numbers. */
  includesNumber(value: number): boolean {
    if (Math.abs(value) <= 1 || IMPLIED.has(value)) return true;
    const numbers = [...this.#allNumbers].slice(0, MAX_NUMBERS);
    const near = (candidate: number) => Math.abs(candidate - Math.abs(value)) <= 1e-9 * Math.abs(value);
    return numbers.some(
      (first) =>
        FACTORS.some((factor) => near(first * factor) || near(first / factor)) ||
        numbers.some((two) => [first + two, first - two, first * two, first * 60 + two].some(near)),
    );
  }

  /** Whether the texts contain a day: as ISO text, by day and month, or as a bound of a month, quarter or year. */
  includesDay(iso: string): boolean {
    const text = this.#text;
    if (text.includes(iso.slice(0, 10).toLowerCase())) return true;
    const [year, month, day] = iso.slice(0, 10).split('-').map(Number) as [number, number, number];
    // inserts a pattern: those below have numbers and names of months, and no repetition
    const has = (pattern: string) => new RegExp(pattern).test(text);
    if (has(`(?<!\\d)0?${day}(?:st|nd|rd|th)\\b`)) return true;
    if (has(`(?<![\\d.])0?(?:${day}[./-] ?0?${month}|${month}[./-]0?${day})(?!\\d)`)) return true;
    const isBound = day === 1 || day === new Date(Date.UTC(year, month, 0)).getUTCDate();
    const named = has(`(?<!\\p{L})(?:${MONTHS[month - 1]})`);
    if (named) return isBound || has(`(?<!\\d)0?${day}(?!\\d)`);
    return isBound && (has(`\\bq[1-4]\\b|quarter`) || has(`(?<!\\d)${year}(?![\\d-])`));
  }
}

/** The host of a URL in lower case; undefined when there is none. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
}

function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + word.length] ?? ' '];
    const next = text[at + word.length + 1] ?? ' ';
    const goesOn = /[\w@-]/.test(after) || (after === '.' && /\w/.test(next));
    if (!(/[\w@.-]/.test(before) && /\w/.test(word[0]!)) && !(goesOn && /\w/.test(word.at(-1)!))) return true;
  }
  return false;
}

/** The first letters of the months, in English and its neighbours. */
const MONTHS = 'jan feb mar|mär apr may|mai|maj jun jul aug sep oct|okt nov dec|dez|des'.split(' ');

const NUMBERS = new Map(
  `two 2, three 3, four 4, five 5, six 6, seven 7, eight 8, nine 9, ten 10, eleven 11, twelve 12, fifteen 15, twenty 20,
  thirty 30, forty 40, fifty 50, sixty 60, eighty 80, ninety 90, quarter 15, pair 2, couple 2, twice 2, double 2, dozen 12,
  hundred 100, thousand 1000, million 1000000`
    .split(/,\s+/)
    .map((entry) => entry.split(' '))
    .map(([word, number]) => [word!, Number(number)]),
);

/** The numbers of a text: digits with grouping signs, and some in words. */
function numbersIn(text: string): number[] {
  const digits = [...text.matchAll(/\d+(?:[.,' ]\d+)*/g)].flatMap(([digitText]) => [
    Number(digitText.replace(/[,' ](?=\d{3}(?!\d))/g, '')),
    Number(digitText.replace(/[.' ](?=\d{3}(?!\d))/g, '').replace(',', '.')),
    ...digitText.split(/[.,' ]/).map(Number),
  ]);
  const short = [...text.matchAll(/(\d{1,9}(?:\.\d{1,9})?) ?k\b/g)].map(([, thousands]) => Number(thousands) * 1000);
  const words = [...text.matchAll(/[a-z]+/g)].flatMap(([word]) => NUMBERS.get(word) ?? []);
  return [...digits, ...short, ...words].filter(Number.isFinite);
}

const lettersAndDigits = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '');
