// What a person has changed in the arguments of a call, or entered into a form.
import { faultOf } from './check.ts';
import { readText, textOf } from './entry-text.ts';
import { type Field, fieldsOf } from './fields.ts';
import { isEqual, type Json, parseJson, valueAt, withValueAt } from './json.ts';
import type { Schema } from './resolve.ts';

/** texts: by pointer, the texts of fields that are not valid values yet, or that spell the same value differently. */
export type Draft = {
  planned: Json | undefined;
  values: Json | undefined;
  texts: Readonly<Record<string, string>>;
  /** The text of the JSON editor while it is shown. */
  json: string | undefined;
};

export const newDraft = (planned: Json | undefined): Draft => ({
  planned,
  values: planned,
  texts: {},
  json: undefined,
});

/** The text in a field. */
export const fieldText = ({ texts, values }: Draft, field: Field): string =>
  texts[field.pointer] ?? textOf(field, valueAt(values, field.path));

/** The draft after a person has changed the text of a field. */
export function withText(draft: Draft, field: Field, text: string): Draft {
  const planned = valueAt(draft.planned, field.path);
  const entered = readText(field, text, planned);
  const texts = { ...draft.texts, [field.pointer]: text };
  if ('fault' in entered) return { ...draft, texts };
  const isSame = isEqual(entered.value, planned);
  return {
    ...draft,
    texts,
    values: withValueAt(draft.values, field.path, isSame ? planned : entered.value, draft.planned),
  };
}

/** The draft with the planned value of a field again. */
export function withReset(draft: Draft, { pointer, path }: Pick<Field, 'pointer' | 'path'>): Draft {
  const { [pointer]: _, ...texts } = draft.texts;
  return { ...draft, texts, values: withValueAt(draft.values, path, valueAt(draft.planned, path), draft.planned) };
}

export const toJson = (draft: Draft): Draft => ({
  ...draft,
  texts: {},
  json: draft.values === undefined ? '{}' : JSON.stringify(draft.values, null, 2),
});
export const toForm = (draft: Draft): Draft => ({ ...draft, json: undefined });

export function withJson(draft: Draft, json: string): Draft {
  const parsed = parseJson(json);
  return { ...draft, json, ...(parsed.fault === undefined && { values: parsed.value }) };
}

/** The fault of the text in the JSON editor. */
export const jsonFault = ({ json }: Draft): string | undefined =>
  json === undefined ? undefined : parseJson(json).fault;

/** The faults of all fields, by pointer. */
export function faultsOf(draft: Draft, fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const fault = textFault(draft, field) ?? faultOf(field, draft.values);
      return fault === undefined ? [] : [[field.pointer, fault]];
    }),
  );
}

/** Whether the text of a field is no value at all. Only that keeps a draft from being sent. */
export const isUnreadable = (draft: Draft, fields: readonly Field[]): boolean =>
  fields.some((field) => textFault(draft, field) !== undefined);

function textFault({ texts, planned }: Draft, field: Field): string | undefined {
  const text = texts[field.pointer];
  if (text === undefined) return undefined;
  const entered = readText(field, text, valueAt(planned, field.path));
  return 'fault' in entered ? entered.fault : undefined;
}

export const isChanged = ({ planned, values }: Draft, { path }: Field): boolean =>
  !isEqual(valueAt(planned, path), valueAt(values, path));

export type Change = { pointer: string; path: string[]; label: string; from: Json | undefined; to: Json | undefined };

/** What differs from the plan, field by field. */
export function changesOf({ planned, values }: Draft, schema: Schema): Change[] {
  const fields = [...fieldsOf(schema, planned), ...fieldsOf(schema, values)];
  const unique = new Map(fields.map((field) => [field.pointer, field]));
  return [...unique.values()].flatMap(({ pointer, path, label }) => {
    const [from, to] = [valueAt(planned, path), valueAt(values, path)];
    return isEqual(from, to) ? [] : [{ pointer, path, label, from, to }];
  });
}

/** Whether anything differs from the plan. */
export const hasChanges = ({ planned, values }: Draft): boolean => !isEqual(planned, values);
