// What a document calls things in full where it abbreviates their names: `q_st`, "Status of the sample".
import { allTerms, inLexicon, type Term, terms, words } from '../lexicon/words.ts';

const HEAD = 4;

/** Whether nothing in a name is a word: none of its parts is in what the document says of it, nor a known word. */
const isCryptic = (name: string, said: readonly Term[]): boolean => {
  const parts = words(name).filter((part) => !/^(?:q|f|is|has|id|\d+)$/.test(part));
  return parts.every(
    (part) => !(part.length > 3 && inLexicon(part)) && !said.some(({ text, lemma }) => text === part || lemma === part),
  );
};

/** The terms of a name: what it is told for ("per guest") is not what it is. */
export const ownTerms = (name: string): readonly Term[] => {
  const parts = words(name);
  const per = parts.indexOf('per');
  return allTerms(per > 0 ? parts.slice(0, per).join(' ') : name);
};

/** The terms that a description begins with, for a name that tells nothing by itself. */
export function spelling(name: string, description: string): Term[] {
  // "When the linguist must deliver": no linguist.
  const head = description.split(/[.,;:(]|\be\.g\./)[0]!.replace(/^when (?:the|an?) \w+/i, '');
  const said = terms(head);
  return said.length > 0 && isCryptic(name, terms(description)) ? said.slice(0, HEAD) : [];
}
