import { under } from '@errand/plan';
import type { FieldFault } from './field-faults.ts';
import type { FormField } from './form-fields.ts';
import { plainText } from './plain-text.ts';
import { escaped, visible } from './visible.ts';

/** Prefix of the names of fields in the form. */
export const INPUT_PREFIX = 'in/';

/** @param entered the texts of an earlier submission, by field name; several values are separated by line breaks */
export const formHtml = (
  fields: readonly FormField[],
  entered: ReadonlyMap<string, string> | undefined,
  faults: readonly FieldFault[],
): string =>
  fields
    .map((field, n) => {
      const value = entered ? (entered.get(field.name) ?? '') : field.value;
      const fault = faults.find(({ pointer }) => pointer === under('', field.name));
      return fieldHtml(field, `f${n}`, value, fault);
    })
    .join('\n');

function fieldHtml(field: FormField, id: string, value: string, fault: FieldFault | undefined): string {
  const { label, description, required } = field;
  const hint = description === undefined ? '' : plainText(description);
  const described = [hint && `${id}-h`, fault && `${id}-f`].filter(Boolean).join(' ');
  const about = `${described ? ` aria-describedby="${described}"` : ''}${fault ? ' aria-invalid="true"' : ''}`;
  const name = escaped(INPUT_PREFIX + field.name);
  const optional = required ? '' : ' <small>(optional)</small>';
  const more = `${hint && `<small id="${id}-h">${visible(hint)}</small>`}${fault ? `<p class="fault" id="${id}-f">${visible(fault.message)}</p>` : ''}`;
  if (field.kind === 'choices') {
    const chosen = new Set(value.split('\n'));
    const boxes = field.choices.map(
      (choice) =>
        `<label class="choice"><input type="checkbox" name="${name}" value="${escaped(choice.value)}"${chosen.has(choice.value) ? ' checked' : ''}><bdi>${visible(choice.label)}</bdi></label>`,
    );
    return `<fieldset class="field"${about}>\n<legend>${visible(label)}${optional}</legend>\n${boxes.join('\n')}\n${more}</fieldset>`;
  }
  const attributes = `id="${id}" name="${name}"${required ? ' required' : ''}${about}`;
  return `<label for="${id}">${visible(label)}${optional}</label>\n${control(field, value, attributes)}\n${more}`;
}

const TYPES: Partial<Record<FormField['kind'], string>> = { email: 'email', uri: 'url', date: 'date' };

function control(
  { kind, choices, required, min, max, maxLength }: FormField,
  value: string,
  attributes: string,
): string {
  const options = (all: readonly { value: string; label: string }[]) =>
    [...(required && value !== '' ? [] : [{ value: '', label: '—' }]), ...all]
      .map(
        (choice) =>
          `<option value="${escaped(choice.value)}"${choice.value === value ? ' selected' : ''}>${escaped(choice.label)}</option>`,
      )
      .join('');
  const length = maxLength === undefined ? '' : ` maxlength="${Math.min(Math.max(0, Math.trunc(maxLength)), 4000)}"`;
  switch (kind) {
    case 'choice':
      return `<select ${attributes}>${options(choices)}</select>`;
    case 'boolean':
      return `<select ${attributes}>${options([
        { value: 'true', label: 'yes' },
        { value: 'false', label: 'no' },
      ])}</select>`;
    case 'number':
    case 'integer': {
      const bounds = [
        ['min', min],
        ['max', max],
      ].flatMap(([name, bound]) => (bound === undefined ? [] : [` ${name}="${bound}"`]));
      return `<input ${attributes} type="number" step="${kind === 'integer' ? 1 : 'any'}"${bounds.join('')} value="${escaped(value)}">`;
    }
    case 'date-time':
      return `<input ${attributes} type="text" placeholder="2026-01-31T09:30:00Z" autocomplete="off" value="${escaped(value)}">`;
    case 'long':
      // HTML drops the first line break.
      return `<textarea ${attributes} rows="4"${length}>\n${escaped(value)}</textarea>`;
    default:
      return `<input ${attributes} type="${TYPES[kind] ?? 'text'}" autocomplete="off"${length} value="${escaped(value)}">`;
  }
}
