import type { Term } from '../lexicon/words.ts';

/** A text from which readers take what they understand; what was taken is blanked, so that nobody reads it twice. */
export class Text {
  rest: string;
  /** @param isThing whether the tools are about things of that name */
  constructor(
    readonly whole: string,
    readonly isThing: (word: Term) => boolean = () => false,
  ) {
    this.rest = whole;
  }

  mask(at: number, end: number): void {
    this.rest = `${this.rest.slice(0, at)}${' '.repeat(end - at)}${this.rest.slice(end)}`;
  }

  /**
   * Takes every match that `read` understands.
   * @param pattern global
   * @param read gets the match and all that stands before it; undefined leaves the match in the text
   */
  take<T>(
    pattern: RegExp,
    read: (match: RegExpExecArray, before: string) => T | undefined,
  ): { value: T; at: number; end: number }[] {
    const taken: { value: T; at: number; end: number }[] = [];
    for (const match of this.rest.matchAll(pattern)) {
      const value = read(match, this.rest.slice(0, match.index));
      if (value !== undefined) taken.push({ value, at: match.index, end: match.index + match[0].length });
    }
    for (const { at, end } of taken) this.mask(at, end);
    return taken;
  }

  /** Up to some words before an offset, nearest last, within the sentence. */
  before(at: number, words: number): string[] {
    const sentences = this.whole.slice(Math.max(0, at - FAR), at).split(/[.!?;\n]\s/);
    return wordsOf(sentences.at(-1)!).slice(-words);
  }

  /** Up to some words after an offset, within the sentence. */
  after = (end: number, words: number): string[] =>
    wordsOf(this.whole.slice(end, end + FAR).split(/[.!?;\n](?:\s|$)/)[0]!).slice(0, words);
}

/** Characters within which the words beside something are searched. */
const FAR = 300;
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}'’]+/gu) ?? [];

/** Whether a quotation is open where a text ends. */
export const isQuoted = (before: string) => (before.match(/["“”]/g) ?? []).length % 2 === 1;
