// A tool as the planner weighs it: what it does, to what, with what, and the words that speak for it.
import type { ToolSpec } from '@errand/contracts';
import { readsOnly } from '@errand/plan';
import { GENERIC } from '../lexicon/stopwords.ts';
import { allTerms, distinct, inLexicon, isAmong, type Term, term, terms, words } from '../lexicon/words.ts';
import { type Action, actionOf, isVerb } from './action.ts';
import { type Slot, slotsOf } from './inputs.ts';
import { type Field, type Outline, outlineOf } from './outputs.ts';

export type Operation = {
  tool: ToolSpec;
  action: Action;
  /** It changes nothing. */
  reads: boolean;
  /** The verbs in its path, name and title: `send` of /invoices/{id}/send. */
  verbs: readonly Term[];
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

/** The fields of its rows. */
export const rowFieldsOf = ({ outline: { rows } }: Operation): readonly Field[] => rows?.fields ?? [];
/** The fields of its rows, or those of its only answer. */
export const fieldsOf = ({ outline: { rows, fields } }: Operation): readonly Field[] => rows?.fields ?? fields;
/** What people call one of its things. */
export const thingOf = ({ nouns }: Pick<Operation, 'nouns'>) => nouns.map(({ lemma }) => lemma).join(' ') || 'thing';

const SEARCHING = new Set(
  `search list find browse query discover lookup get fetch retrieve read index all view show load by details detail explore
  enumerate id api v1 v2 v3 rest`.split(/\s+/),
);

/** Reads a tool once; everything later works on what this returns. */
export function operationOf(tool: ToolSpec): Operation {
  const [outline, slots, reads] = [outlineOf(tool), slotsOf(tool), readsOnly(tool)];
  // `/rpc/objects.search` is a path of names, as `/objects/search` is.
  const segments = (tool.path ?? '').split(/\/|(?<=\w)\.(?=[a-z]\w+(?:\/|$))/i).filter((part) => part !== '');
  const fixed = segments.filter((part) => !/\{|^(?:v\d+|api|rest|t?rpc)$/i.test(part));
  const byPath = reads && tool.method === 'POST' ? undefined : segments.at(-1)?.includes('{');
  const single = byPath ?? slots.some(({ use, required }) => use === 'id' && required);
  const named = words(tool.operation).filter((word) => !/^(?:get|post|put|patch|delete)$/.test(word));
  const action = actionOf(tool, { rows: outline.rows?.path, segments, named, single });
  const tail = words(fixed.at(-1) ?? '')[0];
  // "Release an accession" says what is done in a word of its own.
  const [titleVerb = '', titleNext] = words(tool.title ?? '');
  const isOwn =
    titleVerb === named[0]
      ? titleNext !== undefined
      : /^\S+ (?:(?:in|out|off|up|down|on|over|back|away) )?(?:an?|the|that|one|new) /i.test(tool.title ?? '');
  // `complaints.assign`
  const behind = named.length === 2 && !isVerb(named[0]!) ? named[1] : undefined;
  const leading = [action === 'act' ? tail : undefined, named[0], behind, titleVerb];
  const verbs = distinct(
    leading.flatMap((word = '') => (isVerb(word) || (!reads && isOwn && word === titleVerb) ? [term(word)] : [])),
  );
  const plain = (list: readonly Term[]) =>
    list.filter(
      ({ text, lemma }, index) =>
        lemma !== verbs[0]?.lemma && !SEARCHING.has(text) && !(index > 0 && index === list.length - 1 && isVerb(text)),
    );
  const telling = fixed.filter(
    (part) => plain(allTerms(part)).length > 0 && !(verbs.length > 0 && action === 'act' && part === fixed.at(-1)),
  );
  // Without a path the nouns are in the name, the first word of which is most often the verb.
  const fromName = plain(terms(named.filter((word, index) => index > 0 || !isVerb(word)).join(' ')));
  const last = telling.at(-1);
  let nouns = last === undefined ? fromName : plain(terms(last));
  let parents = telling.slice(0, -1).flatMap((part) => plain(terms(part)));
  // `/sales/summary`: the noun is sales, and summary marks which operation it is.
  if (nouns.length > 0 && nouns.every(({ lemma }) => GENERIC.has(lemma)) && parents.length > 0)
    [nouns, parents] = [parents.slice(-1), [...parents.slice(0, -1), ...nouns]];
  // `/smp/{ref_no}/rej` is about what its title says: "Reject sample".
  const titled = plain(terms(tool.title ?? ''));
  const spelt = titled.filter(({ lemma }) => lemma !== 'one' && lemma !== 'new');
  const said = terms(`${tool.title ?? ''} ${tool.description}`);
  const isWord = (one: Term) => isAmong(one, said) || (one.text.length > 3 && inLexicon(one.text));
  if (spelt.length > 0 && ![...nouns, ...parents].some(isWord))
    [nouns, parents] = [spelt.slice(0, 2), [...parents, ...nouns]];
  return {
    tool,
    action,
    reads,
    verbs,
    slots,
    outline,
    single,
    nouns: distinct(nouns),
    parents: distinct(parents),
    marks: distinct([...titled, ...fromName]).filter((one) => !nouns.includes(one)),
    claim: terms(`${tool.title ?? ''} ${tool.description.split(/[.;:\n]/)[0]!.slice(0, 300)}`),
    about: terms(tool.description.slice(0, 2000)),
    service: terms(tool.integrationName),
  };
}
