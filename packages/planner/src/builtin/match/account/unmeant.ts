// What a write would do that nobody ordered: news that tells what somebody else decided, the contrary of what is said, a thing that is not spoken of.
import { best, isAmong, type Term, term } from '../../lexicon/words.ts';
import { likeExample } from '../../tools/shape.ts';
import type { Draft, Scope } from '../draft.ts';
import { masked } from './spoken.ts';

/** "Out of service", "off the list", "back": the contrary of what the same words say without it. */
const APART =
  /(?<!\b(?:call|called|write|sign|log|day|days|time|is|are|was|were|be)\s)\b(out of|off|back)\b(?!\s+(?:sick|to back)\b)/gi;
/** What is said to be so was decided or done by somebody: to tell it is no order to do it once more. */
const DECIDED =
  /^(?:approved?|archived?|blocked|cancell?ed|declined|deleted|discarded|erased|fired|merged|published|refunded|rejected|removed|sent|voided|waived|withdrawn)$/;

/** The words of a command or of news that a write does not keep. */
export function unmeant(draft: Draft, { clause, free }: Scope): string[] {
  const { operation, filled } = draft.goal;
  const { tool, nouns, verbs, marks, action } = operation;
  const text = masked(clause.text, free, clause.at).slice(clause.stated);
  const told = `${tool.title ?? ''} ${tool.description} ${JSON.stringify(tool.inputSchema)}`.replaceAll(/[_-]/g, ' ');
  const apart = [...text.matchAll(APART)].flatMap(([, word = '']) =>
    new RegExp(`\\b${word}\\b`, 'i').test(told) ? [] : [word],
  );
  if (clause.news && clause.verb !== undefined) {
    const { verb } = clause;
    // "MOB-203 has been fixed": of what kind it is says its noun, or the form of its key.
    const strange = filled.flatMap(({ slot, used, said }) =>
      slot.use === 'id' && said.length === 0
        ? used.filter(({ kind, text: key }) => kind === 'id' && likeExample(key, slot.shape) !== true)
        : [],
    );
    return [...apart, ...(DECIDED.test(verb.text) ? [verb.text] : []), ...strange.map(({ text: key }) => key)];
  }
  if (action !== 'create') return apart;
  // "Order 10 chains" makes no customer.
  const own = [...nouns, ...verbs, ...marks];
  const isOwn = (one: Term) => isAmong(one, own) || best(one, own) >= 0.7;
  const said = [
    ...(clause.verb ? [clause.verb] : []),
    ...clause.topics.map((one) => one.term),
    ...free.flatMap(({ type, ties, before }) => [...type, ...ties, ...before]),
  ];
  return said.some(isOwn) ? apart : [...apart, clause.verb?.text ?? term(text).text];
}
