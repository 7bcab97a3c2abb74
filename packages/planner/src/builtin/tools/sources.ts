// Where the id of a thing can be read: rows of lists, lists within answers, fields that name another thing.

import { GENERIC } from '../lexicon/stopwords.ts';
import { type Term, terms, words } from '../lexicon/words.ts';
import type { Entities } from './entities.ts';
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
};

const ID = /^(id|_id|uuid|guid|key|identifier)$/i;
const OTHER_ID = /^(number|code|slug|no|ref|reference|sku|login|username|handle|symbol)$/i;
const REFERENCE = /(?:_id|Id|ID|Uuid|_uuid|_ids|Ids|-id)$/;

/** Every field with an id in the answers of tools that read. */
export function sourcesOf(operation: Operation, entities: Entities): Source[] {
  if (!operation.reads) return [];
  const { outline } = operation;
  const subject = subjectOf(operation);
  const sources: Source[] = [];
  const add = (
    fields: readonly Field[],
    nouns: readonly Term[],
    rows: readonly string[] | undefined,
    main: boolean,
  ) => {
    const own = ownId(fields, nouns);
    if (own !== undefined) sources.push({ operation, nouns, rows, id: own.path, fields, main });
    for (const field of fields) {
      if (field === own) continue;
      const named = referenceNouns(field);
      if (named.length > 0) sources.push({ operation, nouns: named, rows, id: field.path, fields, main: false });
    }
  };
  for (const list of outline.lists) {
    const isMain = list === outline.rows;
    // `/people/{id}/credits` answers with credits.cast[]: rows may be named by the list or by what the tool is about.
    const said = isMain ? subject : [...list.names].reverse().concat(subject);
    const seen = entities
      .of(list.fields, [...said, ...operation.parents])
      .filter((one) => one.lemma !== said[0]?.lemma);
    add(list.fields, [...seen, ...said], list.path, isMain);
  }
  if (outline.rows === undefined)
    add(outline.fields, operation.single ? subject : [...subject, ...operation.parents], undefined, true);
  return sources;
}

/** What an operation's rows are: its nouns, or for `/movies/popular` and `/movies/{id}/similar` what stands before. */
function subjectOf(operation: Operation): readonly Term[] {
  const { nouns, parents } = operation;
  const telling = nouns.filter(({ lemma }) => !GENERIC.has(lemma));
  return [
    ...[...telling].reverse(),
    ...parents.slice(-1),
    ...(telling.length > 0 ? [] : operation.marks.filter((mark) => mark.groups.length > 0)),
  ].slice(0, 6);
}

/** The id of a row that has one by itself. */
export const ownIdOf = (fields: readonly Field[]): Field | undefined =>
  fields.find(({ path, name }) => path.length === 1 && ID.test(name));

function ownId(fields: readonly Field[], nouns: readonly Term[]): Field | undefined {
  const top = fields.filter(({ path }) => path.length === 1);
  const plain = top.find(({ name }) => ID.test(name));
  if (plain !== undefined) return plain;
  const named = top.find(
    ({ name }) => REFERENCE.test(name) && terms(name).some((one) => nouns.some(({ lemma }) => lemma === one.lemma)),
  );
  if (named !== undefined) return named;
  return (
    top.find(({ shape, name }) => /^(unique )?(id|identifier)\b/i.test(shape.description) && !REFERENCE.test(name)) ??
    top.find(({ name }) => OTHER_ID.test(name)) ??
    // "Customer no.", in whatever way it is abbreviated.
    top.find(
      ({ shape }) =>
        shape.type === 'string' &&
        /^(?:\w+ ){0,2}(?:id|no|number|code|key|ref)\b/i.test(shape.description) &&
        terms(shape.description).some((one) => nouns.some(({ lemma }) => lemma === one.lemma)),
    )
  );
}

/** What a field like `ownerId`, `owner.id` or `network_ids` refers to. */
export function referenceNouns(field: Field): Term[] {
  const { path, name } = field;
  const parent = path.length > 1 ? path.at(-2)! : undefined;
  if (parent !== undefined && ID.test(name)) return terms(parent).reverse();
  const parts = words(name);
  const last = parts.at(-1) ?? '';
  const refers = REFERENCE.test(name) || ((last === 'id' || last === 'ids') && parts.length > 1);
  if (!refers) {
    const described = /^\W*(unique )?(id|identifier|uuid) of (?:the |an? )?([\w\s]+)/i.exec(field.shape.description);
    return described !== null && described[1] === undefined && parts.length > 0 && !ID.test(name)
      ? terms(name).concat(terms(described[3]!).slice(0, 3))
      : [];
  }
  const nouns = terms(parts.slice(0, -1).join(' ')).reverse();
  const described = /\bid of (?:the |an? )?([\w\s]+)/i.exec(field.shape.description);
  return nouns.concat(described === null ? [] : terms(described[1]!).slice(0, 3));
}
