import { words } from '@errand/plan';
import type { FieldFault } from './field-faults.ts';
import type { Field } from './fields.ts';
import { plainText } from './plain-text.ts';
import { escaped, visible } from './visible.ts';

/** Prefix of the names of fields in the form. */
export const FIELD_PREFIX = 'arg';

const label = (pointer: string): string => words(pointer.replace(/^\/(?:path|query|header|body)(?=\/)/, '')) || pointer;

/**
 * Fields as HTML: first those with a value, then the others, folded.
 * @param entered the texts of an earlier submission, by pointer
 */
export function fieldsHtml(
  fields: readonly Field[],
  entered: ReadonlyMap<string, string>,
  faults: readonly FieldFault[],
): string {
  const htmlOf = (field: Field, index: number) => fieldHtml(field, `f${index}`, entered.get(field.pointer), faults);
  const all = fields.map((field, index) => ({ field, html: htmlOf(field, index) }));
  const now = all.flatMap(({ field, html }) => (field.present || entered.get(field.pointer) ? [html] : []));
  const others = all.flatMap(({ field, html }) => (field.present || entered.get(field.pointer) ? [] : [html]));
  const more =
    others.length === 0
      ? ''
      : `<details><summary>${others.length} more fields</summary>\n${others.join('\n')}\n</details>`;
  return [...now, more].join('\n');
}

function fieldHtml(field: Field, id: string, entered: string | undefined, faults: readonly FieldFault[]): string {
  const { pointer, description, present, required } = field;
  const fault = faults.find((fault) => fault.pointer === pointer);
  const hint = [description && plainText(description), !present && !required ? 'Left out while empty.' : '']
    .flatMap((text) => (text ? [text] : []))
    .join(' ');
  const described = [hint && `${id}-h`, fault && `${id}-f`].filter(Boolean).join(' ');
  const attributes = `id="${id}" name="${escaped(FIELD_PREFIX + pointer)}"${described ? ` aria-describedby="${described}"` : ''}${fault ? ' aria-invalid="true"' : ''}`;
  return `<label for="${id}">${visible(label(pointer))}</label>
${control(field, entered ?? field.value, attributes)}
${hint && `<small id="${id}-h">${visible(hint)}</small>`}${fault ? `<p class="fault" id="${id}-f">${visible(fault.message)}</p>` : ''}`;
}

function control({ kind, choices = [], required }: Field, value: string, attributes: string): string {
  const option = (choice: string, text = choice) =>
    `<option value="${escaped(choice)}"${choice === value ? ' selected' : ''}>${escaped(text)}</option>`;
  const none = required ? [] : [option('', '—')];
  const area = (rows: number, more = '') =>
    // HTML drops the first line break.
    `<textarea ${attributes} rows="${rows}"${more}>\n${escaped(value)}</textarea>`;
  switch (kind) {
    case 'choice': {
      const unlisted = value === '' || choices.includes(value) ? [] : [option(value)];
      return `<select ${attributes}>${[...none, ...unlisted, ...choices.map((choice) => option(choice))].join('')}</select>`;
    }
    case 'boolean':
      return `<select ${attributes}>${[...none, option('true', 'yes'), option('false', 'no')].join('')}</select>`;
    case 'number':
    case 'integer':
      return `<input ${attributes} type="text" inputmode="${kind === 'integer' ? 'numeric' : 'decimal'}" autocomplete="off" value="${escaped(value)}">`;
    case 'text':
      return `<input ${attributes} type="text" autocomplete="off" value="${escaped(value)}">`;
    case 'long':
      return area(4);
    case 'list':
      return area(Math.min(8, value.split('\n').length + 1));
    case 'json':
      return area(6, ' class="code" spellcheck="false"');
  }
}
