// All tools of a request, read once and indexed for search.
import type { ToolSpec } from '@errand/contracts';
import { searchTools } from '@errand/planner/search';
import { lemma } from '../lexicon/stem.ts';
import { best, type Term, term, terms, words } from '../lexicon/words.ts';
import type { Slot } from './inputs.ts';
import { fieldsOf, type Operation, operationOf } from './operation.ts';
import type { Field } from './outputs.ts';
import { isNumeric, likeExample } from './shape.ts';
import { codesOf, ownIdOf, type Source, sourcesOf } from './sources.ts';

export type Catalog = {
  operations: readonly Operation[];
  /** The most promising operations for some words, best first; all that fit where there are few. */
  search(words: readonly Term[], most: number, fits: (operation: Operation) => boolean): readonly Operation[];
  /** Reads that can tell an id: by the lemmas and concepts of what it identifies. */
  sources(noun: Term): readonly Source[];
  /** Whether any tool has the word itself in its names or title. */
  knows(word: Term): boolean;
  /** Whether some tool is about things of that name. */
  isThing(word: Term): boolean;
  /** Whether any tool has the word anywhere. */
  mentions(word: Term): boolean;
  /** Whether a slot takes one of those who use the service, by id, address or name. */
  isOfUser(slot: Slot): boolean;
  /** Whether what has the id that a slot takes is known by a number or a code of its own, and such a text is one. */
  isNumbered(slot: Pick<Slot, 'use' | 'name' | 'noun'>, text: string): boolean;
  /** Whether nobody can tell a text from an id that a slot takes and from a code that rows have beside it. */
  isDoubtful(slot: Slot, text: string): boolean;
  /** Whether all rows of which a slot takes the id were looked at, and none has a text. */
  lacks(slot: Slot, text: string): boolean;
  /** Whether a text has the form of the ids of other things than those of which a slot takes the id: "R-12" where repairs are "e.g. R-7". */
  isOfOther(slot: Slot, text: string): boolean;
  /** Whether a text may be the id of which a slot takes one, or that of another kind of thing: nothing tells their forms. */
  isOfAny(slot: Slot): boolean;
  /** Whether a word is what some tool that changes something does: "Release an accession". */
  commands(word: string): boolean;
  /** Lists of which all rows were looked at. */
  looked: ReadonlySet<ToolSpec>;
  /** In how many of all tools a word is spoken of (0 … 1). */
  share(word: Term): number;
};

/** The index keys of a term: itself, its root, its concepts. */
const keysOf = (one: Term): string[] => [one.lemma, `~${one.root}`, ...one.groups.map((group) => `#${group}`)];

/** Rows that have a name of a person. */
const isOfPeople = (fields: readonly Field[]) =>
  fields.some(({ name, path }) => path.length === 1 && /^(?:first|last|full|given|family)_?name$/i.test(name));

/** Rows that have an id, and a number or a code of that form beside it. */
function isCoded({ rows, fields }: Source, text: string): boolean {
  const [own, ...codes] = [ownIdOf(fields), ...codesOf(fields).filter((field) => field !== ownIdOf(fields))];
  if (own === undefined || rows === undefined) return false;
  const isDigits = /^\d+$/.test(text);
  return codes.some(({ shape }) => {
    const like = likeExample(text, shape);
    return like ?? (isDigits ? isNumeric(shape) : isNumeric(own.shape) && !isNumeric(shape));
  });
}

/** Rows that have an id, and a text beside it that may be such a code. */
function mayBeCode({ rows, fields }: Source, text: string): boolean {
  const own = ownIdOf(fields);
  const codes = codesOf(fields).filter((field) => field !== own && field.shape.type === 'string');
  const isKnown = ({ shape }: Field) => likeExample(text, shape) !== undefined;
  return own !== undefined && rows !== undefined && codes.length > 0 && ![own, ...codes].some(isKnown);
}

const PEOPLE = ['member', 'owner', 'worker', 'manager'].map(term);

const caches = new WeakMap<readonly ToolSpec[], Catalog>();
const read = new WeakMap<ToolSpec, Operation>();

/** The catalog of these tools, made once for the same array (and each tool read once, whatever array it stands in). */
export function catalogOf(tools: readonly ToolSpec[]): Catalog {
  const made = caches.get(tools) ?? build(tools, readOnce, new Set());
  caches.set(tools, made);
  return made;
}

function readOnce(tool: ToolSpec): Operation {
  const operation = read.get(tool) ?? operationOf(tool);
  read.set(tool, operation);
  return operation;
}

/** A filter that is called as what another path identifies by is an id, too: `?beerCode=` beside `/beers/{beerCode}`. */
function withIds(operations: readonly Operation[]): Operation[] {
  const ids = new Map<string, Slot>();
  for (const { slots } of operations)
    for (const slot of slots)
      if (slot.use === 'id' && slot.at[0] === 'path' && words(slot.name).length > 1) ids.set(slot.name, slot);
  const isLike = ({ use, shape, name }: Slot) =>
    use === 'value' && shape.type === 'string' && !shape.enum && ids.has(name);
  return operations.map((operation) =>
    operation.slots.some(isLike)
      ? {
          ...operation,
          slots: operation.slots.map((slot) =>
            isLike(slot) ? { ...slot, use: 'id', noun: ids.get(slot.name)!.noun } : slot,
          ),
        }
      : operation,
  );
}

/** The catalog of tools of which more is known than their documents say. @param more what is known of an operation */
export const catalogWith = (
  tools: readonly ToolSpec[],
  looked: ReadonlySet<ToolSpec>,
  more: (operation: Operation) => Operation,
): Catalog => build(tools, (tool) => more(readOnce(tool)), looked);

function build(tools: readonly ToolSpec[], read: (tool: ToolSpec) => Operation, looked: Catalog['looked']): Catalog {
  const operations = withIds(tools.filter(({ enabled }) => enabled).map(read));
  const frequency = new Map<string, number>();
  const bySource = new Map<string, Source[]>();
  for (const operation of operations) {
    const said = [...namesOf(operation), ...operation.about];
    for (const key of new Set(said.flatMap(keysOf))) frequency.set(key, (frequency.get(key) ?? 0) + 1);
    for (const source of sourcesOf(operation))
      for (const key of new Set(source.nouns.flatMap(keysOf)))
        bySource.set(key, [...(bySource.get(key) ?? []), source]);
  }
  const isIn = (list: () => Term[]) => {
    let set: Set<string> | undefined;
    return ({ lemma, root }: Term) => {
      set ??= new Set(list().flatMap((one) => [one.lemma, `~${one.root}`]));
      return set.has(lemma) || set.has(`~${root}`);
    };
  };
  const things = new Set(operations.flatMap(({ nouns }) => nouns.slice(-1).map(({ lemma }) => lemma)));
  const verbs = new Set(
    operations.flatMap((one) =>
      one.reads ? [] : [...one.verbs.flatMap(({ text, lemma }) => [text, lemma]), phrasal(one), ...setting(one)],
    ),
  );
  const exampled = operations.flatMap(({ slots }) =>
    slots.filter(({ use, shape }) => use === 'id' && likeExample('', shape) !== undefined),
  );
  const kinds = new Set(
    operations.flatMap(({ reads, single, slots }) =>
      reads && single ? slots.flatMap(({ use, at, name }) => (use === 'id' && at[0] === 'path' ? [name] : [])) : [],
    ),
  );
  const byTool = new Map(operations.map((operation) => [operation.tool, operation]));
  return {
    operations,
    search: (words, most, fits) => {
      if (operations.length <= most) return operations.filter(fits);
      const isFit = (tool: ToolSpec) => byTool.has(tool) && fits(byTool.get(tool)!);
      const text = words.map((word) => word.text).join(' ');
      return searchTools(tools, text, most, isFit).map(({ tool }) => byTool.get(tool)!);
    },
    sources: (noun) => [...new Set(keysOf(noun).flatMap((key) => bySource.get(key) ?? []))],
    isThing: ({ lemma }) => things.has(lemma),
    mentions: isIn(() => operations.flatMap(everyWord)),
    knows: isIn(() => operations.flatMap((one) => [...namesOf(one), ...one.verbs])),
    isOfUser: ({ use, noun, aboutNoun, names, about, shape }) => {
      const isTold = use === 'value' && /^(?:string|any)$/.test(shape.type);
      const kinds = isTold ? [...names, ...about] : [...noun, ...aboutNoun];
      const isPerson = (list: readonly Term[]) => list.some((one) => best(one, PEOPLE) >= 0.7);
      const lists = kinds.flatMap((one) => keysOf(one).flatMap((key) => bySource.get(key) ?? []));
      if (isTold) return shape.format === 'email' || isPerson(kinds);
      return (
        use === 'id' &&
        (isPerson(kinds) ||
          lists.some(({ main, operation, fields }) => main && (isPerson(operation.nouns) || isOfPeople(fields))))
      );
    },
    isNumbered: ({ use, name, noun }, text) =>
      use === 'id' &&
      /^(?:id|.*(?:_id|Id)s?|ids)$/.test(name) &&
      noun.some((one) =>
        keysOf(one).some((key) => (bySource.get(key) ?? []).some((source) => source.main && isCoded(source, text))),
      ),
    isDoubtful: ({ use, noun, shape }, text) =>
      use === 'id' &&
      likeExample(text, shape) === undefined &&
      noun.some((one) =>
        keysOf(one).some((key) => (bySource.get(key) ?? []).some((source) => source.main && mayBeCode(source, text))),
      ),
    lacks: ({ noun }, text) => {
      const sources = noun
        .flatMap((one) => keysOf(one).flatMap((key) => bySource.get(key) ?? []))
        .filter(({ main }) => main);
      const lists = sources.filter(({ operation }) => looked.has(operation.tool));
      return (
        lists.length > 0 &&
        lists.length === sources.length &&
        !lists.some(({ fields }) => fields.some(({ seen }) => seen?.has(text.toLowerCase())))
      );
    },
    isOfOther: ({ use, noun, shape }, text) => {
      const like =
        use === 'id' && !likeExample(text, shape) ? exampled.filter((one) => likeExample(text, one.shape)) : [];
      return like.length > 0 && !like.some((one) => one.noun.some((word) => best(word, noun) >= 0.7));
    },
    isOfAny: ({ use, shape }) => use === 'id' && likeExample('', shape) === undefined && kinds.size > 1,
    commands: (word) => verbs.has(word),
    looked,
    share: (word) =>
      Math.max(0, ...keysOf(word).map((key) => frequency.get(key) ?? 0)) / Math.max(1, operations.length),
  };
}

export const namesOf = ({ nouns, parents, marks }: Operation): Term[] => [...nouns, ...parents, ...marks];

const everyWord = (operation: Operation): Term[] => [
  ...namesOf(operation),
  ...operation.about,
  ...[...operation.slots, ...fieldsOf(operation)].flatMap(wordsOf),
];

const wordsOf = ({ names, about, shape }: Pick<Field, 'names' | 'about' | 'shape'>) => [
  ...names,
  ...about,
  ...(shape.enum ?? []).flatMap((one) => (typeof one === 'string' ? terms(one) : [])),
];

/** "Excuse an absence", where a call sets whether it is excused. */
const setting = ({ slots }: Operation): string[] =>
  slots
    .filter(({ sent, shape }) => sent && shape.type === 'boolean')
    .flatMap(({ name }) => words(name).slice(-1))
    .flatMap((word) => (/\w{3}ed$/.test(word) ? [word.slice(0, -1), word.slice(0, -2)] : []));

/** "Check in a guest": a verb of two words. */
const phrasal = ({ tool: { title = '' } }: Operation): string => {
  const [verb = '', particle = ''] = words(title);
  return /^(?:in|out|off|up|down|on|over|back|away)$/.test(particle) ? `${lemma(verb)} ${particle}` : '';
};

/** What a word is worth: rare words tell more than those that every tool speaks of. */
export const worth = (catalog: Catalog, word: Term): number => {
  const share = catalog.share(word);
  return share === 0 ? 0.6 : Math.min(1, 0.5 + 0.15 * Math.log2(1 / share));
};
