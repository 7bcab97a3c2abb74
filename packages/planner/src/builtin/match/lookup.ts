// The expression that picks one thing from what a lookup found.
import { join, output, path, string } from '../answer/jsonata.ts';
import type { Value } from '../intent/value.ts';
import { plural } from '../lexicon/stem.ts';
import { thingOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import type { Source } from '../tools/sources.ts';

const WHOLE_NAME = /^(?:name|full_?name|display_?name)$/i;
const NAME_ORDER = [
  WHOLE_NAME,
  /^title$/i,
  /name$/i,
  /title$/i,
  /^(?:company|organi[sz]ation|address)$/i,
  /^(?:label|subject|headline|heading|caption|summary|login|username|symbol|code|sku|number|key)$/i,
];

/** The field that people call a row by. */
export function nameField(fields: readonly Field[]): Field | undefined {
  const texts = fields.filter(
    ({ shape: { type, format, enum: members }, path: at }) =>
      at.length <= 2 && /string|any/.test(type) && format === undefined && members === undefined,
  );
  const pattern = NAME_ORDER.find((one) => texts.some(({ name }) => one.test(name)));
  return texts.find(({ name, shape }) => pattern?.test(name) ?? /\b(?:name|title)\b/i.test(shape.description));
}

/** What a row is compared by: its email for an address, else its name. */
export function identityOf(fields: readonly Field[], kind: Value['kind'], by?: string): string | undefined {
  const at = (pattern: RegExp) => fields.find(({ name }) => pattern.test(name));
  const mail = fields.find(({ name, shape }) => shape.format === 'email' || /e?mail/i.test(name));
  const [first, last] = [at(/^(?:first|given)_?name$/i), at(/^(?:last|family)_?name|surname$/i)];
  if (kind !== 'email' && !at(WHOLE_NAME) && first && last) return `(${path(first.path)} & " " & ${path(last.path)})`;
  const field = kind === 'email' ? mail : (nameField(fields) ?? fields.find(({ name }) => name === by));
  return field && path(field.path);
}

/**
 * The id of the one row that a value names, and how many are called so: exactly so, else by a part of its name. None or several end the run and say so.
 * @param rowsAt the rows, as JSONata
 * @param partly there may be more rows than these; `by`: the argument that it was sought by
 */
export function pickByName(
  source: Source,
  rowsAt: string,
  value: Value,
  { partly, by }: { partly: boolean; by?: string },
) {
  const key = identityOf(source.fields, value.kind, by);
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
  const id = `(${start}; $n = 1 ? $i[0] : $refuse($n = 0 ? ${missing} : ${several}))`;
  return { id, found: `(${start}; $n)`, thing };
}

/** The id of the first row, or of the only object. */
export function pickFirst(source: Source, step: string): string {
  const base = output(step);
  return source.rows === undefined ? join(base, source.id) : `${join(base, source.rows)}[0].${path(source.id)}`;
}
