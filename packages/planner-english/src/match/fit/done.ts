// What somebody did, or what will happen, is no state of a thing.
import type { Clause } from '../../intent/intent.ts';
import { isSame, type Term } from '../../lexicon/words.ts';
import { verbClasses } from '../../tools/action.ts';

/** "Permits that expire in the next 30 days" are not those that have expired. */
const isAhead = (text: string, word: string): boolean =>
  /^(?:close|end|expire|finish|open|start)s?$/.test(word) &&
  new RegExp(`\\b${word}\\s+(?:in|on|by|before|after|within|this|next|today|tomorrow|from|between)\\b`, 'i').test(text);

/** "Who have applied": they did it, in whatever state that is now; what is "to be delivered" is not yet. */
export const isDone = ({ text, picking }: Clause, [one, ...more]: readonly Term[]): boolean =>
  [one, ...more].some((other) => other !== undefined && isAhead(text, other.text)) ||
  (one !== undefined &&
    more.every((other) => isSame(one, other)) &&
    // "How much have we paid out on claims": no state of a claim.
    ((picking.aggregate === 'sum' &&
      new RegExp(`\\b(?:have|has|had)\\s+(?:we|i|you|they|he|she)\\s+${one.text}\\b`, 'i').test(text)) ||
      (/ed$/.test(one.text) &&
        (isMade(text, one.text) ||
          new RegExp(`\\b(?:have|has|had|to be)\\s+(?:already\\s+|also\\s+)?${one.text}\\b`, 'i').test(text)))));

/** "Opened since May": when it was made, in whatever state it is now. */
export const isMade = (text: string, word: string): boolean =>
  verbClasses(word.slice(0, -2)).includes('create') &&
  new RegExp(`\\b${word}\\s+(?:since|in|on|after|before|between|during|last|this|today|yesterday)\\b`, 'i').test(text);
