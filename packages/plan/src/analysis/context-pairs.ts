/** A context in parts: its `key=value` and `key: value` pairs, and the prose between them, each in the order of the text. */
export type ContextParts = { pairs: readonly (readonly [key: string, value: string])[]; prose: readonly string[] };

/** Reads a context. Pairs end at a line or a semicolon. A key has at most four words; quotes around a value are removed. */
export function parseContext(context: string): ContextParts {
  const pairs: [string, string][] = [];
  const prose: string[] = [];
  for (const piece of context.split(/[;\n]+/)) {
    const match = /^([\p{L}_][\p{L}\p{N}_ .-]{0,40}?)\s*(?:=|:(?!\/\/))(.+)$/u.exec(piece.trim());
    if (match === null || match[1]!.trim().split(/\s+/).length > 4) {
      if (piece.trim() !== '') prose.push(piece.trim());
    } else pairs.push([match[1]!, match[2]!.trim().replace(/^(["'])(.*)\1$/, '$2')]);
  }
  return { pairs, prose };
}

/** The pairs by their keys, as expressions read them; the first of each key. */
export const contextPairs = (context: string): Record<string, string> =>
  Object.fromEntries([...parseContext(context).pairs].reverse());
