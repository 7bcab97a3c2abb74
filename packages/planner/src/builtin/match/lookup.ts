// The expression that picks one thing from what a lookup found.
import { join, output, path, string } from '../answer/jsonata.ts';
import type { Value } from '../intent/value.ts';
import type { Field } from '../tools/outputs.ts';
import type { Source } from '../tools/sources.ts';

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
 * The id of the row that a value names. Exactly the name wins, else a name that contains it. For a
 * reading plan whose service has searched, else its first hit. For a writing plan nothing but one single fit will do.
 */
export function pickByName(
  source: Source,
  step: string,
  value: Value,
  { searched, writes }: { searched: boolean; writes: boolean },
): string {
  const rows = join(output(step), source.rows ?? []);
  const key = identity(source, value);
  const field = path(source.id);
  if (key === undefined) return writes ? `($r := [${rows}]; $count($r) = 1 ? $r[0].${field})` : `${rows}[0].${field}`;
  const exact = `$e := $r[$lowercase(${key}) = $n]`;
  const near = `$c := $r[$contains($lowercase(${key}), $n)]`;
  const start = `$r := [${rows}]; $n := ${string(value.text.toLowerCase())}; ${exact}; ${near}`;
  if (writes) return `(${start}; $count($e) = 1 ? $e[0].${field} : $count($e) = 0 and $count($c) = 1 ? $c[0].${field})`;
  return `(${start}; ($exists($e) ? $e : ${searched ? '$exists($c) ? $c : $r' : '$c'})[0].${field})`;
}

/** The id of the first row, or of the only object. */
export function pickFirst(source: Source, step: string): string {
  const base = output(step);
  return source.rows === undefined ? join(base, source.id) : `${join(base, source.rows)}[0].${path(source.id)}`;
}

/** What an earlier step found; to write to it there must be one alone. */
export function pickFound(source: Source, step: string, writes: boolean): string {
  const rows = join(output(step), source.rows ?? []);
  return writes ? `($r := [${rows}]; $count($r) = 1 ? $r[0].${path(source.id)})` : pickFirst(source, step);
}
