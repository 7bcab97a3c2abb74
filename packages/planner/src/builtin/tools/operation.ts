// A tool as the planner weighs it: what it does, to what, with what, and the words that speak for it.
import type { ToolSpec } from '@errand/contracts';
import { isSame } from '../lexicon/likeness.ts';
import { GENERIC } from '../lexicon/stopwords.ts';
import { VERBS, type VerbClass } from '../lexicon/verbs.ts';
import { allTerms, inLexicon, type Term, term, terms, words } from '../lexicon/words.ts';
import { type Action, actionOf, classOf, isVerb, SEARCHES } from './action.ts';
import { type Slot, slotsOf } from './inputs.ts';
import { type Outline, outlineOf } from './outputs.ts';
import { readsOnly } from './reads.ts';

export type Operation = {
  tool: ToolSpec;
  action: Action;
  /** It changes nothing. */
  reads: boolean;
  /** The verb in its name, path or title: `send` of /invoices/{id}/send. */
  verb?: Term;
  /** What it is about: the last telling segment of the path, or the nouns of the name. */
  nouns: readonly Term[];
  /** What that belongs to: earlier segments of the path. */
  parents: readonly Term[];
  /** Words of name and title that are neither: popular, summary, overdue. */
  marks: readonly Term[];
  /** Words of the title and the first sentence of the description: what it claims to be. */
  claim: readonly Term[];
  /** Words of the description. */
  about: readonly Term[];
  /** The integration's name. */
  service: readonly Term[];
  slots: readonly Slot[];
  outline: Outline;
  /** The last segment of the path is a parameter. */
  single: boolean;
};
for (const [kind, list] of Object.entries(VERBS) as [VerbClass, string][]) {
  for (const verb of list.split(/\s+/)) {
    const key = verb.replaceAll('_', ' ');
    classOf.set(key, [...(classOf.get(key) ?? []), kind]);
  }
}
const distinct = (list: readonly Term[]) =>
  list.filter((one, index) => list.findIndex((other) => other.lemma === one.lemma) === index);

/** Reads a tool once; everything later works on what this returns. */
export function operationOf(tool: ToolSpec): Operation {
  const outline = outlineOf(tool);
  const slots = slotsOf(tool);
  const segments = (tool.path ?? '').split('/').filter((part) => part !== '');
  const fixed = segments.filter((part) => !part.includes('{')).filter((part) => !/^(v\d+|api|rest)$/i.test(part));
  const reads = readsOnly(tool);
  const single =
    (reads && tool.method === 'POST' ? undefined : segments.at(-1)?.includes('{')) ??
    slots.some(({ use, required }) => use === 'id' && required);
  const named = words(tool.operation).filter((word) => !/^(get|post|put|patch|delete)$/.test(word));
  const action = actionOf(tool, { outline, segments, named, single });
  const verb = verbOf(tool, action, fixed, named);
  const plain = (list: readonly Term[]) =>
    list.filter(
      ({ text, lemma }, index) =>
        lemma !== verb?.lemma && !SEARCHES.has(text) && !(index > 0 && index === list.length - 1 && isVerb(text)),
    );
  const telling = fixed.filter((part) => {
    const kept = plain(allTerms(part));
    return kept.length > 0 && !(verb !== undefined && action === 'act' && part === fixed.at(-1));
  });
  // Without a path the nouns are in the name, the first word of which is most often the verb.
  const fromName = plain(terms(named.filter((word, index) => index > 0 || !isVerb(word)).join(' ')));
  const last = telling.at(-1);
  let nouns = last === undefined ? fromName : plain(terms(last));
  let rest = last === undefined ? [] : telling.slice(0, -1).flatMap((part) => plain(terms(part)));
  // `/sales/summary`: the noun is sales, and summary marks which operation it is.
  if (nouns.length > 0 && nouns.every(({ lemma }) => GENERIC.has(lemma)) && rest.length > 0) {
    [nouns, rest] = [rest.slice(-1), [...rest.slice(0, -1), ...nouns]];
  }
  // `/smp/{ref_no}/rej` is about what its title says: "Reject sample".
  const spelt = plain(terms(tool.title ?? '')).filter(({ lemma }) => lemma !== 'one' && lemma !== 'new');
  const said = terms(`${tool.title ?? ''} ${tool.description}`);
  if (
    spelt.length > 0 &&
    ![...nouns, ...rest].some(
      (one) => said.some((other) => isSame(one, other)) || (one.text.length > 3 && inLexicon(one.text)),
    )
  )
    [nouns, rest] = [spelt.slice(0, 2), [...rest, ...nouns]];
  const titled = plain(terms(tool.title ?? '')).concat(fromName);
  return {
    tool,
    action,
    reads,
    verb,
    nouns: distinct(nouns),
    parents: distinct(rest),
    marks: distinct(titled).filter((one) => !nouns.includes(one)),
    claim: terms(`${tool.title ?? ''} ${tool.description.split(/[.;:\n]/)[0]!.slice(0, 300)}`),
    about: terms(tool.description.slice(0, 2000)),
    service: terms(tool.integrationName),
    slots,
    outline,
    single,
  };
}

function verbOf(tool: ToolSpec, action: Action, fixed: readonly string[], named: readonly string[]): Term | undefined {
  const tail = words(fixed.at(-1) ?? '')[0];
  if (action === 'act' && tail !== undefined && isVerb(tail)) return term(tail);
  const first = [named[0], words(tool.title ?? '')[0]].find((word) => word !== undefined && isVerb(word));
  return first === undefined ? undefined : term(first);
}
