// Which drafts may become plans.
import { best, isSame } from '../lexicon/likeness.ts';
import { plural } from '../lexicon/stem.ts';
import type { Catalog } from '../tools/catalog.ts';
import { isAbout, isCalledFor } from './account.ts';
import type { Draft, Rated, Scope } from './draft.ts';
import { suits } from './score.ts';

/** Whether a draft has all that it needs and accounts for all that was said; one that writes does what the verb says to its object. */
export function isGood({ draft, whole, scope, left, total }: Rated, catalog: Catalog): boolean {
  if (draft.missing.length > 0 || left.length > 0 || !isCalledFor(draft, scope)) return false;
  return scope.writes
    ? suits(draft.goal.operation, scope.clause, draft.goal) > 0 && isObject(draft, scope, catalog)
    : total > 0 && isNamed(draft, scope) && isAbout(whole, scope, catalog);
}

/** What a verb is done to is what the tool is about, or what it sets. */
function isObject({ goal }: Draft, { clause }: Scope, catalog: Catalog): boolean {
  const first = clause.topics.find(({ weight }) => weight >= 0.5);
  const own = [...goal.operation.nouns, ...goal.filled.flatMap(({ slot, said }) => [...said, ...slot.names])];
  if (first === undefined) return true;
  return own.some((one) => isSame(one, first.term)) || (!catalog.knows(first.term) && best(first.term, own) >= 0.7);
}

/** A word or a value of the intent speaks of what is read. */
function isNamed({ steps, used }: Draft, { clause }: Scope): boolean {
  const own = steps.flatMap(({ operation }) => [...operation.nouns, ...operation.parents, ...operation.marks]);
  return used.size > 0 || clause.topics.some(({ term }) => best(term, own) >= 0.6);
}

/** How close two plans must be that nothing tells which is meant. */
const CLOSE = 0.06;

/** Why nobody can tell what a name is: two plans are as good, and look it up among different things. */
export function rivalOf([first, ...others]: readonly Rated[]): string | undefined {
  const kindsOf = ({ draft }: Rated) =>
    draft.steps.flatMap(({ purpose, filled, operation }) => {
      const kinds = purpose === 'lookup' ? filled.flatMap(({ used }) => used.map(({ kind }) => kind)) : [];
      const isNamed = kinds.some((kind) => kind === 'name' || kind === 'quoted');
      return isNamed ? [operation.nouns.map(({ lemma }) => lemma).join(' ')] : [];
    });
  const own = first === undefined ? [] : kindsOf(first);
  const rival = others.find((other) => {
    const kinds = kindsOf(other);
    const isOther = other.draft.goal.operation !== first!.draft.goal.operation && kinds.join() !== own.join();
    return own.length > 0 && isOther && first!.total - other.total < CLOSE && kinds.length === own.length;
  });
  return (
    rival && `a name in it may be one of the ${plural(own[0]!)} or of the ${plural(kindsOf(rival)[0]!)}: say which`
  );
}
