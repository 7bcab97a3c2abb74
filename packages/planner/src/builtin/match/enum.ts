// Members of enumerations, by the words that mean them.
import { likeness, type Term, term, terms } from '../lexicon/words.ts';
import type { Shape } from '../tools/shape.ts';

/** What a member stands for: what the description says of a code (`P = pending`), else its own words. */
function meaningOf(value: string, description: string): Term[] {
  const code = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const behind = `(?<![\\w-])["'\`]?${code}["'\`]?\\s*(?:=|:|->|–|-|means|is|for)\\s*["'\`]?([a-z][a-z ]*[a-z])`;
  const listed = `(?:^|[,;(]\\s*)${code}\\s+([a-z][a-z ]*[a-z])`;
  const told = value.length <= 4 ? new RegExp(`${behind}|${listed}`, 'i').exec(description) : null;
  // "sms for a text message to the phone"
  const words = terms((told?.[1] ?? told?.[2] ?? value).split(/ (?:to|in|on|of|with|by|that|which|and|or) /)[0]!);
  return words.length > 0 ? words : [term(value.toLowerCase())];
}

/**
 * The member that some words mean, with how sure that is.
 * @param alike how words are compared
 */
export function enumOf(
  { description, ...shape }: Shape,
  said: readonly Term[],
  alike: (a: Term, b: Term) => number = likeness,
): { value: string; sure: number; by: Term[] } | undefined {
  const meanings = (shape.enum ?? []).flatMap((one) => (typeof one === 'string' ? [meaningOf(one, description)] : []));
  const isOnly = (part: Term) =>
    meanings.filter((parts) => parts.some(({ lemma }) => lemma === part.lemma)).length === 1;
  let found: { value: string; sure: number; by: Term[] } | undefined;
  for (const value of shape.enum ?? []) {
    if (typeof value !== 'string' || value === '') continue;
    const parts = meaningOf(value, description);
    const by = parts.map((part) => {
      const [one] = said.map((one) => ({ one, sure: alike(one, part) })).sort((a, b) => b.sure - a.sure);
      return one ?? { one: part, sure: 0 };
    });
    const whole = Math.min(...by.map((one) => one.sure)) - (parts.length > 1 ? 0 : 0.01);
    // `voice_call` is a call: the last word says what it is, the others which.
    // "Ready for collection" may be called ready.
    const head = parts.length > 1 && by[0]!.sure === 1 && isOnly(parts[0]!) ? 0.85 : 0;
    const sure = Math.max(whole, parts.length > 1 && by.at(-1)!.sure === 1 ? 0.9 : head);
    if (sure >= 0.69 && sure > (found?.sure ?? 0))
      found = { value, sure, by: by.flatMap((one) => (one.sure > 0 ? [one.one] : [])) };
  }
  return found;
}
