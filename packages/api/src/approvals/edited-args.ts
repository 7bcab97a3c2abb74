import type { Json } from '@errand/contracts';
import { namesIn } from '@errand/plan';
import type { ArgumentField } from '../pages/html/argument-form.ts';
import { booleanFrom, type FieldFault, numberFrom } from '../pages/html/field-faults.ts';
import { en } from '../pages/texts/en.ts';

export type EditedArgs = { args: { [key: string]: Json }; faults: FieldFault[] };

/**
 * Applies the changes of a form to the arguments.
 * @param entered texts by JSON pointer; fields without a text stay as they are
 */
export function editedArgs(
  args: Json,
  fields: readonly ArgumentField[],
  entered: ReadonlyMap<string, string>,
): EditedArgs {
  const edited = structuredClone(args) as { [key: string]: Json };
  const faults: FieldFault[] = [];
  for (const field of fields) {
    const text = entered.get(field.pointer)?.replaceAll('\r\n', '\n');
    if (text === undefined || text === field.value) continue;
    // An empty text removes an optional argument.
    if (text.trim() === '' && !field.required) {
      removeAt(edited, field.pointer);
      continue;
    }
    const value = valueFrom(field, text);
    if (value === undefined) faults.push({ pointer: field.pointer, message: faultMessages[field.kind] });
    else setAt(edited, field.pointer, value);
  }
  return { args: edited, faults };
}

const faultMessages: Record<ArgumentField['kind'], string> = { ...en.faults, long: en.faults.text };

function valueFrom({ kind, choices = [], hasNumbers }: ArgumentField, text: string): Json | undefined {
  const trimmed = text.trim();
  switch (kind) {
    case 'text':
    case 'long':
      return text;
    case 'number':
    case 'integer':
      return numberFrom(trimmed, kind === 'integer');
    case 'boolean':
      return booleanFrom(trimmed);
    case 'choice':
      return choices.includes(text) ? text : undefined;
    case 'list': {
      const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
      const values: (Json | undefined)[] = hasNumbers ? lines.map((line) => numberFrom(line)) : lines;
      return values.includes(undefined) ? undefined : (values as Json[]);
    }
    case 'json':
      try {
        return JSON.parse(text) as Json;
      } catch {
        return undefined;
      }
  }
}

function setAt(args: { [key: string]: Json }, pointer: string, value: Json): void {
  const parts = namesIn(pointer);
  let parent = args;
  for (const part of parts.slice(0, -1)) {
    if (!Object.hasOwn(parent, part)) defineMember(parent, part, {});
    parent = parent[part] as { [key: string]: Json };
  }
  defineMember(parent, parts.at(-1)!, value);
}

function removeAt(args: { [key: string]: Json }, pointer: string): void {
  const parts = namesIn(pointer);
  let parent: { [key: string]: Json } | undefined = args;
  for (const part of parts.slice(0, -1))
    parent = Object.hasOwn(parent, part) ? (parent[part] as { [key: string]: Json }) : {};
  delete parent[parts.at(-1)!];
}

// Assigning to `__proto__` would change the prototype.
const defineMember = (at: object, key: string, value: Json): void =>
  void Object.defineProperty(at, key, { value, writable: true, enumerable: true, configurable: true });
