import { endOfQuote, QUOTES } from '../template/text.ts';

/**
 * The members of an expression that is nothing but an object, `{ 'a': …, "b": … }`, each an expression. Undefined for any other
 * expression, and where a key is no plain text. A pattern that holds quotes or braces may be cut in the middle: parse each member.
 */
export function objectMembers(expression: string): Map<string, string> | undefined {
  const text = expression.trim();
  const parts = text.startsWith('{') ? partsOf(text) : undefined;
  if (parts === undefined) return undefined;
  const members = new Map<string, string>();
  for (const part of parts) {
    const [whole, double, single] = /^\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*:/.exec(part) ?? [];
    const key = double ?? single;
    if (whole === undefined || key === undefined || key === '__proto__' || members.has(key)) return undefined;
    members.set(key, part.slice(whole.length).trim());
  }
  return members;
}

const CLOSES: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };
const CLOSING: ReadonlySet<string> = new Set(Object.values(CLOSES));

/** The texts between the commas of an object; undefined unless its last brace is the end of the text. */
function partsOf(text: string): string[] | undefined {
  const open: string[] = [];
  const parts: string[] = [];
  let from = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (text.startsWith('/*', at)) return undefined;
    if (QUOTES.has(char)) at = endOfQuote(text, at);
    else if (CLOSES[char] !== undefined) open.push(CLOSES[char]);
    else if (CLOSING.has(char) && !closes(open, char, at === text.length - 1)) return undefined;
    else if (char === ',' && open.length === 1) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return open.length === 0 ? [...parts, text.slice(from, -1)] : undefined;
}

/** Whether a bracket closes the last open one; the last open one of all only at the end of the text. */
const closes = (open: string[], bracket: string, isEnd: boolean): boolean =>
  open.pop() === bracket && (open.length > 0 || isEnd);
