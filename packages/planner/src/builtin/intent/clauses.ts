import { verbClasses } from '../tools/action.ts';
import { isQuoted } from './text.ts';

/** "find X and who owns it, then email her" → three clauses; a plain "deals and orders" is one. */
export function splitClauses(text: string): { text: string; at: number }[] {
  const starts = [0];
  const border = /(?:[.!?;]\s+|,?\s+(?:and then|then|and also|and|as well as|plus)\s+|,\s+|\n+)(?=\S)/gi;
  for (const match of text.matchAll(border)) {
    const next = text.slice(match.index + match[0].length);
    if (isQuoted(text.slice(0, match.index))) continue;
    const [first = '', second = ''] = next.split(/\s+/);
    const word = first.toLowerCase().replace(/[^a-z']/g, '');
    const stop = /^[.!?;\n]/.test(match[0]);
    const asks =
      /^(?:who|what|which|when|where|how|whose)$/.test(word) &&
      (!/^,\s+$/.test(match[0]) || /\b(?:who|what|when|where|how)\b/i.test(first));
    const carriesOn = /^(?:their|its)$/.test(word) && !/^,/.test(match[0]);
    const commands =
      verbClasses(word).some((kind) => kind !== 'read' || stop) &&
      first === word &&
      /^(?:an?|the|it|them|this|that|him|her|to|my|our|all|each|every|its|their|one|new|me|us)$|^["“\p{Lu}]|@/u.test(
        second,
      );
    if (asks || carriesOn || commands || (stop && next.trim().length > 12)) starts.push(match.index + match[0].length);
  }
  return starts.map((at, index) => ({ at, text: text.slice(at, starts[index + 1]) }));
}
