// The expression that picks one thing from what a lookup found.
import type { ToolSpec } from '@errand/contracts';
import { join, output, path, string } from '../../answer/jsonata.ts';
import type { Clause } from '../../intent/intent.ts';
import type { Value } from '../../intent/value.ts';
import { plural } from '../../lexicon/stem.ts';
import { best, isAmong, type Term, term, terms, words } from '../../lexicon/words.ts';
import type { Catalog } from '../../tools/catalog.ts';
import { type Operation, rowFieldsOf, thingOf } from '../../tools/operation.ts';
import type { Field } from '../../tools/outputs.ts';
import { isNumeric, likeExample } from '../../tools/shape.ts';
import { codesOf, ownIdOf, referenceNouns, type Source } from '../../tools/sources.ts';
import { has, LOCATED } from '../fit/slots.ts';

const WHOLE_NAME = /^(?:name|full_?name|display_?name)$/i;
const FIRST = /^(?:first|given)_?name$/i;
const LAST = /^(?:last|family)_?name|surname$/i;
const isTop = ({ path }: Field) => path.length === 1;
const NAME_ORDER = [
  WHOLE_NAME,
  /^title$/i,
  /name$/i,
  /title$/i,
  /^(?:company|organi[sz]ation|address)$/i,
  /^(?:label|subject|headline|heading|caption|summary|login|username|symbol|code|sku|number|key|model)$/i,
];

/** `customerName` beside `customerId`: what another thing is called. */
const isOfOther = (name: string, fields: readonly Field[]): boolean => {
  const [, owner] = /^(.{2,}?)_?name$/i.exec(name) ?? [];
  return (
    owner !== undefined && fields.some((one) => new RegExp(`^${owner}_?(?:id|number|no|code)$`, 'i').test(one.name))
  );
};

/** The field that people call a row by. */
export function nameField(fields: readonly Field[]): Field | undefined {
  const isPerson = [FIRST, LAST].every((part) => fields.some((one) => isTop(one) && part.test(one.name)));
  const all = fields.filter(
    ({ shape, ...field }) =>
      field.path.length <= (isPerson ? 1 : 2) &&
      /string|any/.test(shape.type) &&
      shape.format === undefined &&
      shape.enum === undefined &&
      !isOfOther(field.name, fields) &&
      referenceNouns({ shape, ...field }).length === 0,
  );
  // `guardian.name` is what somebody else is called.
  const texts = all.some((one) => isTop(one) && NAME_ORDER.some((pattern) => pattern.test(one.name)))
    ? all.filter(isTop)
    : all;
  const pattern = NAME_ORDER.find((one) => texts.some(({ name }) => one.test(name)));
  return texts.find(({ name, shape }) => pattern?.test(name) ?? /\b(?:name|title)\b/i.test(shape.description));
}

/** What a row is compared by: its email for an address, else its name. */
export function identityOf(fields: readonly Field[], kind: Value['kind'], by?: string): string | undefined {
  const at = (pattern: RegExp) => fields.find((one) => isTop(one) && pattern.test(one.name));
  const mail = fields.find(({ name, shape }) => shape.format === 'email' || /e?mail/i.test(name));
  const [first, last] = [at(FIRST), at(LAST)];
  if (kind !== 'email' && !at(WHOLE_NAME) && first && last) return `(${path(first.path)} & " " & ${path(last.path)})`;
  const field = kind === 'email' ? mail : (nameField(fields) ?? fields.find(({ name }) => name === by));
  return field && path(field.path);
}

/**
 * The id of the one row that a value names: exactly so, else by a part of its name. None or several end the run and say so.
 * @param rowsAt the rows, as JSONata
 * @param partly there may be more rows than these; `by`: the argument that it was sought by
 */
export function pickByName(
  source: Source,
  rowsAt: string,
  value: Value,
  { partly, by }: { partly: boolean; by?: string },
): string {
  const key = value.seen?.get(source.operation.tool) ?? identityOf(source.fields, value.kind, by);
  const thing = thingOf(source.some ? source : source.operation);
  const things = plural(thing);
  const called = value.kind === 'email' ? 'with the address' : 'named';
  const missing = partly
    ? `"None of the first " & $count($r) & " ${things} is ${called === 'named' ? called : `one ${called}`} " & $q & "."`
    : `"There is no ${thing} ${called} " & $q & "."`;
  const several = `"There are several ${things} ${called} " & $q & ". Say which one is meant."`;
  const text = `$lowercase($string(${key}))`;
  const found =
    key === undefined
      ? '$m := $r'
      : `$l := $lowercase($q); $e := $r[${text} = $l]; $m := $count($e) > 0 ? $e : $r[$contains(${text}, $l)]`;
  const start = `$r := [${rowsAt}]; $q := ${string(value.text)}; ${found}; $i := $distinct($m.${path(source.id)}); $n := $count($i)`;
  return `(${start}; $n = 1 ? $i[0] : $refuse($n = 0 ? ${missing} : ${several}))`;
}

/** Little words behind which a name is most often that of something else: "the deals of Contoso". */
const OTHERS = /^(?:of|for|with|by|from|to|at|in|on|about|than)$/;
const PRICES = terms('price cost fee rate');
const NAMING = /(?:^|[a-z_])(?:name|title)$/i;

/**
 * "When is Night Trains due back", "what does the Frost Giant cost": the rows that are called so, or that are of what is called so, as a function
 * of all rows. Exactly so, else by a part of the name; several names end the run and say so. It is surer where a field of theirs is asked for.
 */
export function calledSo(
  { text, type, ties, owned = [], preposition = '', kind }: Value,
  operation: Operation,
  { clause, catalog }: { clause: Clause; catalog: Pick<Catalog, 'isThing'> },
): { predicate: string; sure: number } | undefined {
  if ((kind !== 'name' && kind !== 'quoted') || preposition === 'saying') return undefined;
  const fields = rowFieldsOf(operation);
  const { nouns } = operation;
  const [field, ...more] = fields.filter(
    ({ name, shape, path: at }) =>
      shape.type === 'string' && !shape.enum && !shape.format && at.length <= 2 && NAMING.test(name),
  );
  const key = identityOf(fields, kind);
  if (field === undefined || key === undefined || (more.length > 0 && key.startsWith('(') === false)) return undefined;
  const own = fields.filter((one) => referenceNouns(one).length === 0);
  const isField = (one: Term) => !isAmong(one, nouns) && own.some(({ names }) => best(one, names) >= 0.8);
  const [, owner = ''] = /\b(?:name|title) of (?:the |an? )?(\p{L}+)/iu.exec(field.shape.description) ?? [];
  const prefix = words(field.name).slice(0, -1).map(term);
  const of = [...terms(owner), ...prefix.filter((one) => catalog.isThing(one))];
  const isOther = !isAmong(term(field.name), nouns) && of.some((one) => !isAmong(one, nouns));
  if (!isOther && OTHERS.test(preposition) && !ties.some(isField)) return undefined;
  if ([...type, ...owned.slice(0, 1)].some((one) => (owned.includes(one) || best(one, nouns) < 0.8) && !isField(one)))
    return undefined;
  // "How much is the kettle": its price.
  const isPriced =
    /\bhow much\s+(?:is|are|was)\b/i.test(clause.text) && fields.some(({ names }) => has(names, PRICES, 1));
  const isLocated = /\bwhere\b/i.test(clause.text) && fields.some(({ names }) => has(names, LOCATED));
  const isAsked = isPriced || isLocated || clause.topics.some(({ term: one }) => isField(one));
  if (!isOther && !isAsked) return undefined;
  const told = `$lowercase($string(${key}))`;
  const wanted = string(text.toLowerCase());
  const many = isOther ? `$distinct($f.${key})` : '$f';
  const things = plural(thingOf(operation));
  const several = string(`There are several ${isOther ? 'things' : things} named ${text}. Say which one is meant.`);
  const found = `$e := $m[${told} = ${wanted}]; $f := $count($e) > 0 ? $e : $m[$contains(${told}, ${wanted})]`;
  const predicate = `~> function($m){(${found}; $count(${many}) > 1 ? $refuse(${several}) : $f)}`;
  return { predicate, sure: isAsked && (!OTHERS.test(preposition) || ties.some(isField)) ? 3 : 0.8 };
}

/** "The repair RP-1", where no call gets one: it is known by its number or its code, else by its id. */
export function codeCondition(
  { kind, type, text, adjacent, number = 0 }: Value,
  { nouns, outline }: Operation,
): string | undefined {
  if (!Number.isSafeInteger(number)) return undefined;
  // "Who is visiting S-3" asks for no visit S-3.
  const isIt = (one: Term) =>
    /ing$/.test(one.text)
      ? isAmong(
          one,
          nouns.filter(({ text }) => /ings?$/.test(text)),
        )
      : best(one, nouns) >= 0.8;
  const isOwn = (kind === 'id' || adjacent === true) && type.some(isIt);
  const all = codesOf(outline.rows?.fields ?? []);
  const codes = all.filter((field) => field !== ownIdOf(all));
  const fitting = (codes.length > 0 ? codes : all).filter(
    ({ shape }) => likeExample(text, shape) ?? (isOwn && (!isNumeric(shape) || /^\d+$/.test(text))),
  );
  const fits = fitting.map((field) => `$string(${path(field.path)}) = ${string(text)}`);
  return fits.length > 0 ? `(${fits.join(' or ')})` : undefined;
}

/** The id of the first row, or of the only object. */
export function pickFirst(source: Source, step: string): string {
  const base = output(step);
  return source.rows === undefined ? join(base, source.id) : `${join(base, source.rows)}[0].${path(source.id)}`;
}

/** A field in which rows were seen to have a text. */
export const isOf =
  ({ seen }: Value, tool: ToolSpec) =>
  (field: Field): boolean =>
    field.seen !== undefined && seen?.get(tool) === path(field.path);

/** A text that a field has, or begins with, or that is one of its texts. */
export const hasText = ({ path: at, shape, seen }: Field, text: string): string => {
  const wanted = string(text.toLowerCase());
  if (shape.type === 'array') return `${wanted} in ${path(at)}.$lowercase($)`;
  return seen?.has(text.toLowerCase())
    ? `$lowercase(${path(at)}) = ${wanted}`
    : `$contains($lowercase($string(${path(at)})), ${wanted})`;
};
