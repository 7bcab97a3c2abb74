// Words that are joined or denied: "open or pending", "not ready, collected or cancelled", "without those that are late".
import type { Clause } from '../../intent/intent.ts';
import type { Term } from '../../lexicon/words.ts';

type Choice = {
  /** Where "or" stands; −1 for "and". */
  at: number;
  words: readonly Term[];
  /** The word that denies all of them: "not A, B or C". */
  isDenied?: number;
};

/** "Open or pending", "parts and labour", "not ready, collected or cancelled": words of which any may be. */
export function choicesOf(clause: Clause): Choice[] {
  const { topics, text, at: start, denials } = clause;
  const gap = (index: number) => {
    const [one, other] = [topics[index]!, topics[index + 1]];
    return other && text.slice((one.end ?? one.at + one.term.text.length) - start, other.at - start);
  };
  return topics.flatMap((_, index): Choice[] => {
    const [, joint] =
      /^\s*,?\s+(or|and)\s+(?:(?:the|an?|are|is|still|only|already|currently|just|in)\s+){0,3}$/i.exec(
        gap(index) ?? '',
      ) ?? [];
    if (joint === undefined) return [];
    let first = index;
    while (first > 0 && /^\s*,\s*(?:the\s+)?$/.test(gap(first - 1)!)) first--;
    const { at } = topics[first]!;
    const isOr = joint.toLowerCase() === 'or';
    const or = isOr ? denials.find((one) => one.at > topics[index]!.at && one.text.toLowerCase() === 'or') : undefined;
    const denied = denialOf(clause, at)?.at;
    const words = topics.slice(first, index + 2).map(({ term: one }) => one);
    return isOr && or === undefined
      ? []
      : [{ at: or?.at ?? -1, words, ...(denied !== undefined && { isDenied: denied }) }];
  });
}

/** "Not yet …", "without those whose accreditation we …" */
const DENIED =
  '(?:(?:an?|the|any|be|been|yet|longer|in|on|under|currently|already|we|you|they|i|he|she|it)\\s+)*(?:(?:those|ones|anybody|anyone|everybody)\\s+(?:(?:that|which|who|whose(?:\\s+\\p{L}+)?|with)\\s+)?(?:(?:an?|is|are|was|were|has|have|had|been|we|i|they|already)\\s+)*)?';
const BETWEEN = new RegExp(`^\\s*${DENIED}$`, 'iu');
const FIRST = new RegExp(`^\\s*${DENIED}[\\p{L}\\p{N}]+`, 'iu');

/** What is "for hire" is not on hire. */
export const PURPOSE = /\bfor\s+(?:hire|sale|rent|loan|lease)\b/i;

/** How far a denial reaches at the beginning of a text: its first word that says something. */
export const deniedLength = (text: string): number => FIRST.exec(text)?.[0].length ?? 0;

/** The word that denies what stands at an offset: "no", "cannot be". */
export const denialOf = ({ denials, text, at: start }: Clause, at: number) =>
  denials.find(
    (one) =>
      one.at < at &&
      one.text.toLowerCase() !== 'or' &&
      BETWEEN.test(text.slice(one.end - start, at - start)) &&
      !/\bwhose\s+$/i.test(text.slice(0, at - start)),
  );
