/** A piece of an expression: a string, a regular expression, or the code between them. */
export type Token = { kind: 'text' | 'regex' | 'code'; source: string };

/** A pair of the context in an expression, as `prefix`, quoted key and plain key: `$$.pairs.account`. */
export const PAIR = /(?<![\w.`$])((?:\$\$?\.)?)pairs\.(?:`([^`]+)`|([A-Za-z_]\w*))/g;

/** Splits an expression. A name in back quotes belongs to the code. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let pending = '';
  const endPending = () => {
    if (pending !== '') tokens.push({ kind: 'code', source: pending });
    pending = '';
  };
  for (let at = 0; at < expression.length; ) {
    const before = pending === '' ? (tokens.at(-1)?.source ?? '') : pending;
    const char = expression[at]!;
    const kind = kindAt(char, before);
    const source = kind || char === '`' ? expression.slice(at, endOf(expression, at)) : char;
    if (kind === undefined) pending += source;
    else {
      endPending();
      tokens.push({ kind, source });
    }
    at += source.length;
  }
  endPending();
  return tokens;
}

/** The kind of the token that a sign begins. After a value, a slash divides; otherwise it begins a regular expression. */
function kindAt(char: string, before: string): 'text' | 'regex' | undefined {
  if (char === '"' || char === "'") return 'text';
  return char === '/' && !/[\w)\]"'`]\s*$/.test(before) ? 'regex' : undefined;
}

function endOf(expression: string, from: number): number {
  const quote = expression[from];
  for (let at = from + 1; at < expression.length; at++) {
    if (expression[at] === '\\' && quote !== '`') at++;
    else if (expression[at] === quote) return at + 1;
  }
  return expression.length;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The value of a string token. */
export const stringValueOf = ({ source }: Token): string =>
  source.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex?: string, char: string = '') => {
    return hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16));
  });

export const isAfterKey = (next: Token | undefined): boolean => next?.kind === 'code' && /^\s*:(?!=)/.test(next.source);
