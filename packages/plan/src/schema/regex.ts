import { type Matcher, RE2JS } from 're2js';

const flagsOf = (flags: string): number =>
  (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
  (flags.includes('m') ? RE2JS.MULTILINE : 0) |
  (flags.includes('s') ? RE2JS.DOTALL : 0);

/** Compiles a JavaScript pattern for the linear-time engine; throws, naming the pattern, when it needs backtracking. */
function compile(pattern: string, flags = ''): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), flagsOf(flags));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnsupportedPattern(pattern, why);
  }
}

/** A pattern that a linear-time engine cannot run: look-around, a back-reference, or a syntax error. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
  constructor(pattern: string, why: string) {
    super(
      `The pattern ${JSON.stringify(pattern)} is not supported (${why}). Look-around and back-references are refused: patterns run in linear time.`,
    );
  }
}

/**
 * The part of `RegExp` that JSONata needs, in linear time: `exec` and `lastIndex`, always global. Matching resumes at the last position, so
 * that replacing in a long text reads it once.
 */
export class LinearRegExp {
  lastIndex = 0;
  readonly #re: RE2JS;
  #text: string | undefined;
  #matcher: Matcher | undefined;

  constructor(pattern: string | RegExp) {
    this.#re = typeof pattern === 'string' ? compile(pattern) : compile(pattern.source, pattern.flags);
  }

  exec(text: string): (string[] & { index: number }) | null {
    if (this.#matcher === undefined || this.#text !== text) {
      this.#matcher = this.#re.matcher(text);
      this.#text = text;
    }
    const matcher = this.#matcher;
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups = Array.from({ length: this.#re.groupCount() + 1 }, (_, n) => matcher.group(n) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups as string[], { index: matcher.start() });
  }
}

/**
 * Ajv's `code.regExp`. Ajv caches patterns by `toString` of the result: without it, all patterns of a schema would share one regex under
 * "[object Object]".
 */
export const ajvRegExp = Object.assign(
  (pattern: string) => {
    const re = compile(pattern);
    return { test: (text: string) => re.test(text), toString: () => `/${pattern}/linear` };
  },
  { code: 'new RegExp' },
);
