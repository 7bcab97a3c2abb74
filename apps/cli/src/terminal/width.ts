// Widths in columns of a terminal, in which some characters take two.
import truncatedWidth from 'fast-string-truncated-width';
import { wrapAnsi } from 'fast-wrap-ansi';

export const widthOf = (text: string): number => truncatedWidth(text).width;

/** The text in at most `width` columns, with an ellipsis if it was cut. */
export function fit(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY) return text;
  const { index, ellipsed } = truncatedWidth(text, { limit: Math.max(width, 1), ellipsis: '…', ellipsisWidth: 1 });
  return ellipsed ? `${text.slice(0, index)}…` : text;
}

export const pad = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
};

/** The lines of a text that may have colors; none is wider than `width`. Each line keeps its own indent. */
export function wrap(text: string, width: number): string[] {
  if (width === Number.POSITIVE_INFINITY) return text.split('\n');
  return text.split('\n').flatMap((line) =>
    wrapAnsi(line, Math.max(width, 10), { hard: true, trim: false })
      .split('\n')
      .map((part, i) => (i === 0 ? part : part.replace(LEADING_SPACE, '$1')).trimEnd()),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a color may begin before the space
const LEADING_SPACE = /^((?:\x1b\[\d+m)*) +/;

/** The lines of a text, each after an indent. */
export const indented = (text: string, width: number, indent = '  '): string[] =>
  wrap(text, width - indent.length).map((line) => indent + line);
