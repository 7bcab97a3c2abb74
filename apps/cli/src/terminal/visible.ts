// Text of runs, services and people is not trusted: it could move the cursor, set the title of the window or reverse the direction of
// writing. Every value passes `visibleValue` before it is rendered.

/** Control characters, marks of direction, invisible separators, tags and lone surrogates. Tabs and line breaks are kept. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the subject
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

const escapeOf = (character: string): string => {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
};

/** The text with its control characters as escapes such as `\x1b`. Line breaks and tabs are kept. */
export const visible = (text: string): string => text.replace(/\r\n?/g, '\n').replace(UNSAFE, escapeOf);

/** The same in one line. */
export const oneLine = (text: string): string => visible(text).replace(/\s+/g, ' ').trim();

/** A value of JSON with all its texts and names visible. */
export function visibleValue<T>(value: T): T {
  if (typeof value === 'string') return visible(value) as T;
  if (Array.isArray(value)) return value.map(visibleValue) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [visible(name), visibleValue(member)])) as T;
}

/** JSON text in which unsafe characters are escapes, so that it is the same value. */
export const visibleJson = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, undefined, indent) ?? 'null').replace(UNSAFE, (character) =>
    character.length > 1
      ? `\\u${character.charCodeAt(0).toString(16)}\\u${character.charCodeAt(1).toString(16)}`
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
