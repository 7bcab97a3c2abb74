// Where the id of a thing can be read: rows of lists, lists within answers, fields that name another thing.
import { GENERIC } from '../lexicon/stopwords.ts';
import { named, type Term, terms, words } from '../lexicon/words.ts';
import type { Operation } from './operation.ts';
import type { Field } from './outputs.ts';

export type Source = {
  operation: Operation;
  /** What the ids identify; the first says what they are, the others qualify it or say it more loosely. */
  nouns: readonly Term[];
  /** Names from the output to the list of rows; absent when the answer is one object. */
  rows?: readonly string[];
  /** Names from the row (or the output) to the id. */
  id: readonly string[];
  /** Fields beside the id, of the same row or object. */
  fields: readonly Field[];
  /** The rows are what the tool is there to list. */
  main: boolean;
  /** The id is of what the rows refer to, and not their own. */
  refers?: boolean;
  /** Only some of the rows are that, as their role tells: the vets of a staff. */
  some?: boolean;
};

const ID = /^(?:id|_id|uuid|guid|key|identifier)$/i;
const OTHER_ID = /^(?:number|code|slug|no|ref|reference|sku|login|username|handle|symbol)$/i;
const CODE = /^(?:number|code|no|ref|reference|label|sku)$/i;
const REFERENCE = /(?:_id|Id|ID|Uuid|_uuid|_ids|Ids|-id)$/;

/** Every field with an id in the answers of tools that read. */
export function sourcesOf(operation: Operation): Source[] {
  if (!operation.reads) return [];
  const { outline, parents } = operation;
  const subject = subjectOf(operation);
  const inLists = outline.lists.map((list) => {
    const main = list === outline.rows;
    // `/people/{id}/credits` answers with credits.cast[]: rows may be named by the list or by what the tool is about.
    const said = main ? subject : [...list.names].reverse().concat(subject);
    return { fields: list.fields, nouns: said, rows: list.path, main };
  });
  const own = { fields: outline.fields, nouns: operation.single ? subject : [...subject, ...parents], main: true };
  const main = inLists.find((list) => list.main);
  return [...inLists, ...(outline.rows === undefined ? [own] : [])].flatMap((place): Source[] => {
    const id = ownId(place.fields, place.nouns);
    return place.fields.flatMap((field) => {
      if (field === id) {
        const source = { operation, ...place, id: field.path };
        return [source, ...(place === main ? rolesOf(place.fields, source) : [])];
      }
      const nouns = referenceNouns(field);
      return nouns.length > 0 ? [{ operation, ...place, nouns, id: field.path, main: false, refers: true }] : [];
    });
  });
}

/** "The vet": one of the staff whose role it is. */
const rolesOf = (fields: readonly Field[], source: Source): Source[] =>
  fields
    .filter(({ names }) => names.some(({ lemma }) => ROLE.test(lemma)))
    .flatMap(({ shape }) => shape.enum ?? [])
    .flatMap((member) => (typeof member === 'string' ? [{ ...source, nouns: terms(member), some: true }] : []));

const ROLE = /^(?:role|position|job|function|profession|occupation)$/;

/** What an operation's rows are: its nouns, or for `/movies/popular` and `/movies/{id}/similar` what stands before. */
function subjectOf({ nouns, parents, marks }: Operation): readonly Term[] {
  const telling = nouns.filter(({ lemma }) => !GENERIC.has(lemma)).reverse();
  // "Items as they are invoiced" are no invoices.
  const known = telling.length > 0 ? [] : marks.filter(({ groups, text }) => groups.length > 0 && !/ed$/.test(text));
  const own = telling.length > 0 || parents.length > 0 ? telling : [...nouns].reverse();
  return [...own, ...parents.slice(-1), ...known].slice(0, 6);
}

/** A source that tells what a slot takes: `/orders/{reference}` the reference of an order, and not its id. */
export function tellingOf(source: Source, { name }: { name: string }): Source {
  const isCode = OTHER_ID.test(words(name).at(-1) ?? '') && !ID.test(name);
  const own = source.fields.find(
    (field) => field.path.length === 1 && (field.name === name || (isCode && field.name === words(name).at(-1))),
  );
  return source.main && own !== undefined ? { ...source, id: own.path } : source;
}

/** What a row is known by: its id, its number, its code. */
export const codesOf = (fields: readonly Field[]): Field[] =>
  fields.filter(({ path, name }) => path.length === 1 && (ID.test(name) || CODE.test(name)));

/** The id of a row that has one by itself. */
export const ownIdOf = (fields: readonly Field[]): Field | undefined =>
  fields.find(({ path, name }) => path.length === 1 && ID.test(name));

function ownId(fields: readonly Field[], nouns: readonly Term[]): Field | undefined {
  const top = fields.filter(({ path }) => path.length === 1);
  const speaks = (text: string) => terms(text).some((one) => nouns.some(({ lemma }) => lemma === one.lemma));
  return (
    ownIdOf(fields) ??
    top.find(({ name }) => REFERENCE.test(name) && speaks(name)) ??
    top.find(({ name }) => OTHER_ID.test(name)) ??
    // "Customer no.", in whatever way it is abbreviated.
    top.find(
      ({ shape: { type, description } }) =>
        type === 'string' && /^(?:\w+ ){0,2}(?:id|no|number|code|key|ref)\b/i.test(description) && speaks(description),
    )
  );
}

/** What a field like `ownerId`, `owner.id` or `network_ids` refers to. */
export function referenceNouns({ path, name, shape: { description } }: Field): Term[] {
  if (path.length > 1 && ID.test(name)) return [...named(path.at(-2)!)].reverse();
  const parts = words(name);
  const [, described] = /\b(?:id|identifier|uuid) of (?:the |an? )?([\w\s]+)/i.exec(description) ?? [];
  const told = described === undefined ? [] : terms(described).slice(0, 3);
  if (REFERENCE.test(name) || (/^ids?$/.test(parts.at(-1) ?? '') && parts.length > 1))
    return [...[...named(parts.slice(0, -1).join(' '))].reverse(), ...told, ...referredTo(description)];
  return /^\W*(?:id|identifier|uuid) of /i.test(description) && !ID.test(name) ? [...terms(name), ...told] : [];
}

/** "Agent who works on it", "Employee number of the line manager": what an id is of. */
function referredTo(description: string): Term[] {
  const [, thing] =
    /^(?:the\s+)?(\p{L}+)(?=\s+(?:who|that|which|number|no|code|id|ref)\b|\s*$)/iu.exec(description) ?? [];
  return thing === undefined ? [] : terms(thing).filter(({ lemma }) => !GENERIC.has(lemma));
}
