import type { Json } from '@errand/contracts';

/** A piece of a `$text`: literal words, or an expression between `{{` and `}}`. */
type TextPart = { words: string } | { expression: string };

/** The text of a `$text` with unclosed braces. */
export const UNCLOSED_BRACES = 'a {{ is not closed by }}';

/**
 * Parses a `$text`. Braces and quotes inside an expression belong to it: `{{ $count({'a': {'b': 1}}) }}`.
 * @returns undefined when a `{{` is not closed
 */
export function parseText(text: string): TextPart[] | undefined {
  const pieces: TextPart[] = [];
  let from = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', from)) {
    const close = findClosingBraces(text, open + 2);
    if (close === undefined) return undefined;
    if (open > from) pieces.push({ words: text.slice(from, open) });
    pieces.push({ expression: text.slice(open + 2, close).trim() });
    from = close + 2;
  }
  if (from < text.length) pieces.push({ words: text.slice(from) });
  return pieces;
}

function findClosingBraces(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (QUOTES.has(char)) at = endOfQuote(text, at);
    else if (char === '{') depth++;
    else if (char === '}') {
      if (depth === 0 && text[at + 1] === '}') return at;
      depth = Math.max(0, depth - 1);
    }
  }
  return undefined;
}

export const QUOTES: ReadonlySet<string> = new Set(['"', "'", '`']);

/** The position of the quote that closes the one at `from`; the length of the text or more when none does. */
export function endOfQuote(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== text[from]) at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A string literal of an expression; the first or the second group is its text, with escapes. One without an end takes all of the rest. */
export const STRING_LITERAL = /"((?:[^"\\]|\\.)*)(?:"|\\?$)|'((?:[^'\\]|\\.)*)(?:'|\\?$)/gs;

export const expressionsInText = (text: string): string[] =>
  (parseText(text) ?? []).flatMap((piece) => ('expression' in piece ? [piece.expression] : []));

/**
 * A `$text` with the values of its expressions. Texts, numbers and truth values are written unchanged, lists of them with commas between,
 * anything else as JSON.
 * @param values of its expressions, in their order
 * @returns undefined when a value is null or missing: a text with a gap would be wrong
 */
export function writeText(text: string, values: readonly (Json | undefined)[]): string | undefined {
  let next = 0;
  const written = (parseText(text) ?? []).map((piece) => {
    if ('words' in piece) return piece.words;
    const value = values[next++];
    return value === undefined || value === null ? undefined : formatValue(value);
  });
  return written.includes(undefined) ? undefined : written.join('');
}

function formatValue(value: Json): string {
  if (typeof value === 'string') return value;
  const plain = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  return plain ? value.map(String).join(', ') : JSON.stringify(value);
}
