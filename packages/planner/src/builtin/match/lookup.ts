// The expression that picks one thing from what a lookup found.
import { join, output, path, string } from '../answer/jsonata.ts';
import type { Value } from '../intent/value.ts';
import type { Field } from '../tools/outputs.ts';
import type { Source } from '../tools/sources.ts';
import { plural } from './plural.ts';

const NAME_ORDER = [
  /^(name|full_?name|display_?name)$/i,
  /^title$/i,
  /name$/i,
  /title$/i,
  /^(label|subject|headline|heading|caption|summary|login|username|symbol|code|sku|number|key)$/i,
];

/** The field that people call a row by. */
export function nameField(fields: readonly Field[]): Field | undefined {
  const texts = fields.filter(
    ({ shape, path: at }) =>
      at.length <= 2 &&
      (shape.type === 'string' || shape.type === 'any') &&
      shape.format === undefined &&
      shape.enum === undefined,
  );
  const named = NAME_ORDER.map((pattern) => texts.find(({ name }) => pattern.test(name))).find(
    (found) => found !== undefined,
  );
  return named ?? texts.find(({ shape }) => /\b(name|title)\b/i.test(shape.description));
}

/** What a row is compared by: its email for an address, else its name. */
function identity(source: Source, value: Value): string | undefined {
  if (value.kind === 'email') {
    const mail = source.fields.find(({ name, shape }) => shape.format === 'email' || /e?mail/i.test(name));
    return mail && path(mail.path);
  }
  const first = source.fields.find(({ name }) => /^(first|given)_?name$/i.test(name));
  const last = source.fields.find(({ name }) => /^(last|family)_?name|surname$/i.test(name));
  const whole = source.fields.find(({ name }) => NAME_ORDER[0]!.test(name));
  if (whole === undefined && first !== undefined && last !== undefined)
    return `(${path(first.path)} & " " & ${path(last.path)})`;
  const named = nameField(source.fields);
  return named && path(named.path);
}

/**
 * The id of the one row that a value names: exactly so, else by a part of its name. None or several end the run and say so.
 * @param rowsAt the rows, as JSONata
 * @param partly there may be more rows than these
 */
export function pickByName(source: Source, rowsAt: string, value: Value, partly: boolean): string {
  const key = identity(source, value);
  const field = path(source.id);
  const what = source.operation.nouns.map(({ lemma }) => lemma).join(' ') || 'thing';
  const called = value.kind === 'email' ? 'with the address' : 'named';
  const rows = `$r := [${rowsAt}]`;
  const missing = partly
    ? `"None of the first " & $count($r) & " ${plural(what)} is ${called === 'named' ? called : `one ${called}`} " & $q & "."`
    : `"There is no ${what} ${called} " & $q & "."`;
  const several = `"There are several ${plural(what)} ${called} " & $q & ". Say which one is meant."`;
  const start = `${rows}; $q := ${string(value.text)}`;
  const end = `$i := $distinct($m.${field}); $n := $count($i); $n = 1 ? $i[0] : $refuse($n = 0 ? ${missing} : ${several})`;
  if (key === undefined) return `(${start}; $m := $r; ${end})`;
  const text = `$lowercase($string(${key}))`;
  return `(${start}; $l := $lowercase($q); $e := $r[${text} = $l]; $m := $count($e) > 0 ? $e : $r[$contains(${text}, $l)]; ${end})`;
}

/** The id of the first row, or of the only object. */
export function pickFirst(source: Source, step: string): string {
  const base = output(step);
  return source.rows === undefined ? join(base, source.id) : `${join(base, source.rows)}[0].${path(source.id)}`;
}

/** What an earlier step found; to write to it there must be one alone. */
export function pickFound(source: Source, step: string, writes: boolean): string {
  const rows = join(output(step), source.rows ?? []);
  const what = plural(source.operation.nouns.map(({ lemma }) => lemma).join(' ') || 'thing');
  const refusal = `$refuse($count($r) = 0 ? "No ${what} were found." : "Several ${what} were found. Say which one is meant.")`;
  return writes ? `($r := [${rows}]; $count($r) = 1 ? $r[0].${path(source.id)} : ${refusal})` : pickFirst(source, step);
}
