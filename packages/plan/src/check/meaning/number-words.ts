// Numbers and months in words.

/** How the names of months begin, in English and its neighbours. */
export const MONTHS = 'jan feb mar|mär apr may|mai|maj jun jul aug sep oct|okt nov dec|dez|des'.split(' ');

const NUMBERS: Readonly<Record<string, number>> = {
  ...{ two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11, twelve: 12 },
  ...{ fifteen: 15, twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, eighty: 80, ninety: 90 },
  ...{ quarter: 15, pair: 2, couple: 2, twice: 2, double: 2, dozen: 12, hundred: 100, thousand: 1000, million: 1e6 },
};

/** The numbers of a text: digits with grouping signs, and some in words. */
export function numbersIn(text: string): number[] {
  const digits = [...text.matchAll(/\d+(?:[.,' ]\d+)*/g)].flatMap(([found]) => [
    Number(found.replace(/[,' ](?=\d{3}(?!\d))/g, '')),
    Number(found.replace(/[.' ](?=\d{3}(?!\d))/g, '').replace(',', '.')),
    ...found.split(/[.,' ]/).map(Number),
  ]);
  const short = [...text.matchAll(/(\d{1,9}(?:\.\d{1,9})?) ?k\b/g)].map(([, found]) => Number(found) * 1000);
  const words = [...text.matchAll(/[a-z]+/g)].flatMap(([word]) => NUMBERS[word] ?? []);
  return [...digits, ...short, ...words].filter(Number.isFinite);
}

/** Letters and digits alone. */
export const squashed = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '');
