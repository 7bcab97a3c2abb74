// The first values of a form to answer.
import { type Draft, newDraft } from './form/draft.ts';
import { fieldsOf } from './form/fields.ts';
import { type Json, withValueAt } from './form/json.ts';
import type { Schema } from './form/resolve.ts';

/** A draft with the defaults of the form. */
export function answerDraft(schema: Schema | undefined): Draft {
  if (!schema) return newDraft({});
  const values = fieldsOf(schema, undefined).reduce<Json | undefined>(
    (all, { path, schema: { default: value } }) =>
      value === undefined ? all : withValueAt(all, path, value as Json, {}),
    {},
  );
  return { ...newDraft({}), values };
}
