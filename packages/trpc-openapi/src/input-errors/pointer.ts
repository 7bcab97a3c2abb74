/** Bounds a pointer to a name that the caller chose. */
const MAX_POINTER = 1000;

/** RFC 6901 §3: `~` and `/` are escaped. A pointer over 1,000 characters is cut and ends in `…`. */
export function pointer(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => `/${escaped(String(part).slice(0, MAX_POINTER + 1))}`);
  return cut(parts.join(''), MAX_POINTER);
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

export const cut = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max).toWellFormed()}…` : text;
