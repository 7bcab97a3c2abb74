/** The position of a part of a text. */
export type Span = readonly [from: number, to: number];

const isWordPart = (at: string | undefined): boolean => at !== undefined && /[\p{L}\p{N}_]/u.test(at);
const NUMBER =
  /(?<![\p{L}\p{N}_.])\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?(?!\p{N})|(?<![\p{L}\p{N}_.,])\d+(?:\.\d+)?(?!\p{N})/gu;
const TIMES: readonly [RegExp, number][] = [
  [/^\s?(?:k|thousand)(?![\p{L}\p{N}])/iu, 1e3],
  [/^\s?(?:m|million)(?![\p{L}\p{N}])/iu, 1e6],
];

/** The places where a text contains a value as whole words, or a number in digits ("50,000", "50k"). */
export function findSpans(text: string, value: string | number): Span[] {
  return typeof value === 'number' ? numbersIn(text, value) : wordsIn(text, value);
}

function wordsIn(text: string, value: string): Span[] {
  const [inside, sought] = [text.toLowerCase(), value.trim().toLowerCase()];
  // A letter with a longer lower case would shift the positions after it.
  if (sought.length < 2 || inside.length !== text.length) return [];
  const spans: Span[] = [];
  for (let at = inside.indexOf(sought); at >= 0; at = inside.indexOf(sought, at + sought.length)) {
    const end = at + sought.length;
    const opens = isWordPart(sought[0]) && isWordPart(inside[at - 1]);
    if (!opens && !(isWordPart(sought.at(-1)) && isWordPart(inside[end]))) spans.push([at, end]);
  }
  return spans;
}

function numbersIn(text: string, value: number): Span[] {
  return [...text.matchAll(NUMBER)].flatMap(({ 0: digits, index }) => {
    const end = index + digits.length;
    const plain = Number(digits.replace(/[,'’]/g, ''));
    if (plain === value) return [[index, end] as const];
    return TIMES.flatMap(([unit, times]) => {
      const [unitText] = unit.exec(text.slice(end, end + 12)) ?? [];
      return unitText !== undefined && plain * times === value ? [[index, end + unitText.length] as const] : [];
    });
  });
}
