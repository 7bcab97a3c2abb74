// What is denied: "not ready", "without those that are late".
import { path } from '../../answer/jsonata.ts';
import type { Clause } from '../../intent/intent.ts';
import type { Field } from '../../tools/outputs.ts';

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

/** What is null, empty, or missing: of what is missing `$boolean` says nothing at all. */
export const untold = ({ path: at }: Field): string => `$not($exists(${path(at)}) and $boolean(${path(at)}))`;
