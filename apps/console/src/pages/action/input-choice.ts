// Which values of an action are inputs, and the schema that says so.
import { isObject, type Json } from '../../decide/form/json.ts';
import type { Schema } from '../../decide/form/resolve.ts';
import type { Action } from './use-action.ts';

/** fixed: the value of the saved errand. optional: an input that may be left out. */
export type InputChoice = 'fixed' | 'required' | 'optional';

type Values = Pick<Action, 'values' | 'inputSchema'>;

const requiredIn = ({ inputSchema }: Values): readonly unknown[] =>
  Array.isArray(inputSchema?.required) ? inputSchema.required : [];

/** The present choice for each value, by name. */
export function choicesOf(action: Values): Record<string, InputChoice> {
  const required = requiredIn(action);
  return Object.fromEntries(
    action.values.map(({ name, bound }) => [
      name,
      bound ? (required.includes(name) ? 'required' : 'optional') : 'fixed',
    ]),
  );
}

/** The schema of these inputs. Those that the present schema describes keep their description. */
export function schemaWith({ values, inputSchema }: Values, choices: Readonly<Record<string, InputChoice>>): Schema {
  const known = isObject(inputSchema?.properties) ? inputSchema.properties : {};
  const inputs = values.filter(({ name }) => (choices[name] ?? 'fixed') !== 'fixed');
  return {
    type: 'object',
    properties: Object.fromEntries(
      inputs.map(({ name, title, value }) => [name, known[name] ?? { ...typeOf(value as Json), title }]),
    ),
    required: inputs.filter(({ name }) => choices[name] === 'required').map(({ name }) => name),
    additionalProperties: false,
  };
}

/** The type of a value; any value for lists, objects and null. */
const typeOf = (value: Json): Schema =>
  ['string', 'number', 'boolean'].includes(typeof value) ? { type: typeof value } : {};
