// All tools of a request, read once and indexed for search.
import type { ToolSpec } from '@errand/contracts';
import { searchTools } from '../../search/search-tools.ts';
import { type Term, term, terms } from '../lexicon/words.ts';
import { entitiesOf } from './entities.ts';
import type { Slot } from './inputs.ts';
import { type Operation, operationOf } from './operation.ts';
import { type Source, sourcesOf } from './sources.ts';

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
  /** Whether any tool speaks of the word, and in how many of all (0 … 1). */
  share(word: Term): number;
};

/** The index keys of a term: itself, its root, its concepts. */
const keysOf = (one: Term): string[] => [one.lemma, `~${one.root}`, ...one.groups.map((group) => `#${group}`)];

const caches = new WeakMap<readonly ToolSpec[], Catalog>();
const read = new WeakMap<ToolSpec, Operation>();

/** The catalog of these tools, made once for the same array (and each tool read once, whatever array it stands in). */
export function catalogOf(tools: readonly ToolSpec[]): Catalog {
  const present = caches.get(tools);
  if (present !== undefined) return present;
  const made = build(tools);
  caches.set(tools, made);
  return made;
}

function build(tools: readonly ToolSpec[]): Catalog {
  const operations = tools
    .filter(({ enabled }) => enabled)
    .map((tool) => {
      const operation = read.get(tool) ?? operationOf(tool);
      read.set(tool, operation);
      return operation;
    });
  const entities = entitiesOf(operations);
  const frequency = new Map<string, number>();
  const bySource = new Map<string, Source[]>();
  for (const operation of operations) {
    const said = [...operation.nouns, ...operation.parents, ...operation.marks, ...operation.about];
    for (const key of new Set(said.flatMap(keysOf))) frequency.set(key, (frequency.get(key) ?? 0) + 1);
    for (const source of sourcesOf(operation, entities)) {
      for (const key of new Set(source.nouns.flatMap(keysOf))) {
        const list = bySource.get(key);
        if (list === undefined) bySource.set(key, [source]);
        else list.push(source);
      }
    }
  }
  const known = new Set(
    operations.flatMap(({ nouns, parents, marks, verb }) =>
      [...nouns, ...parents, ...marks, ...(verb === undefined ? [] : [verb])].flatMap(({ lemma, root }) => [
        lemma,
        `~${root}`,
      ]),
    ),
  );
  const things = new Set(operations.flatMap(({ nouns }) => nouns.slice(-1).map(({ lemma }) => lemma)));
  let mentioned: Set<string> | undefined;
  const said = () => {
    mentioned ??= new Set(operations.flatMap(everyWord).flatMap(({ lemma, root }) => [lemma, `~${root}`]));
    return mentioned;
  };
  const byTool = new Map(operations.map((operation) => [operation.tool, operation]));
  return {
    operations,
    search: (words, most, fits) => {
      if (operations.length <= most) return operations.filter(fits);
      const isFit = (tool: ToolSpec) => {
        const operation = byTool.get(tool);
        return operation !== undefined && fits(operation);
      };
      const text = words.map((word) => word.text).join(' ');
      return searchTools(tools, text, most, isFit).map(({ tool }) => byTool.get(tool)!);
    },
    sources: (noun) => [...new Set(keysOf(noun).flatMap((key) => bySource.get(key) ?? []))],
    isThing: ({ lemma }) => things.has(lemma),
    mentions: ({ lemma, root }) => said().has(lemma) || said().has(`~${root}`),
    knows: ({ lemma, root }) => known.has(lemma) || known.has(`~${root}`),
    share: (word) =>
      Math.max(0, ...keysOf(word).map((key) => frequency.get(key) ?? 0)) / Math.max(1, operations.length),
  };
}

const everyWord = ({ nouns, parents, marks, about, slots, outline }: Operation): Term[] => [
  ...[nouns, parents, marks, about].flat(),
  ...slots.flatMap(({ names, about: told, shape }) => [...names, ...told, ...membersOf(shape)]),
  ...(outline.rows?.fields ?? outline.fields).flatMap(({ names, about: told, shape }) => [
    ...names,
    ...told,
    ...membersOf(shape),
  ]),
];

const membersOf = ({ enum: members = [] }: Slot['shape']) =>
  members.flatMap((one) => (typeof one === 'string' ? terms(one) : []));

/** What a word is worth: rare words tell more than those that every tool speaks of. */
export const worth = (catalog: Catalog, word: Term | string): number => {
  const share = catalog.share(typeof word === 'string' ? term(word) : word);
  return share === 0 ? 0.6 : Math.min(1, 0.5 + 0.15 * Math.log2(1 / share));
};
