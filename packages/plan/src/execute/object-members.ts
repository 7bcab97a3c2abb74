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

/** The texts between the commas of an object; undefined unless its last brace is the end of the text. */
function partsOf(text: string): string[] | undefined {
  const open: string[] = [];
  const parts: string[] = [];
  let from = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '/' && text[at + 1] === '*') return undefined;
    if (char === '"' || char === "'" || char === '`') {
      at = endOfQuote(text, at);
    } else if (CLOSES[char] !== undefined) {
      open.push(CLOSES[char]);
    } else if (char === '}' || char === ']' || char === ')') {
      if (open.pop() !== char || (open.length === 0 && at < text.length - 1)) return undefined;
    } else if (char === ',' && open.length === 1) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return open.length === 0 ? [...parts, text.slice(from, -1)] : undefined;
}

function endOfQuote(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== text[from]) at += text[at] === '\\' ? 2 : 1;
  return at;
}
