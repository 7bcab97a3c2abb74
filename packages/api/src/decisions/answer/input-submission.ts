import { AnswerInputByForm, AnswerInputByLink, type InputAnswer, type JsonSchema } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';
import { type FormField, formFields } from '../ask/html/form-fields.ts';
import { INPUT_PREFIX, pointerOf } from '../ask/html/form-html.ts';
import { type FieldFault, notValid } from './edited-args.ts';
import { checked, jsonIn, pairsIn } from './submission.ts';

type Content = NonNullable<InputAnswer['content']>;

/** An answer as it arrives. `csrf` and `entered` are set when a form sent it. */
export type InputSubmission = {
  token: string;
  csrf?: string;
  entered?: ReadonlyMap<string, string>;
  /** The answer to a form. @throws ProblemError validation_failed for a text that is no value of its field */
  answerTo(schema: JsonSchema | undefined): InputAnswer;
};

/** Reads an answer. @throws ProblemError invalid_json, validation_failed */
export function readInputAnswer(request: FastifyRequest): InputSubmission {
  const pairs = pairsIn(request);
  if (pairs === undefined) {
    const { token, ...answer } = checked(AnswerInputByLink, jsonIn(request));
    return { token, answerTo: () => answer };
  }
  const { entered, others } = enteredIn(pairs);
  const { token, csrf, action } = checked(AnswerInputByForm, others);
  return {
    ...{ token, csrf, entered },
    answerTo: (schema) =>
      action === 'accept' && schema ? { action, content: contentFrom(formFields(schema), entered) } : { action },
  };
}

/** What was entered in the fields of a form, by their names, and what else the page sends. */
export function enteredIn(pairs: readonly [string, string][]): {
  entered: ReadonlyMap<string, string>;
  others: Record<string, string>;
} {
  const entered = new Map<string, string>();
  const others: [string, string][] = [];
  for (const [name, sent] of pairs) {
    // Browsers send line breaks as CRLF.
    const value = sent.replaceAll('\r\n', '\n');
    if (!name.startsWith(INPUT_PREFIX)) others.push([name, value]);
    else {
      const key = name.slice(INPUT_PREFIX.length);
      entered.set(key, entered.has(key) ? `${entered.get(key)}\n${value}` : value);
    }
  }
  return { entered, others: Object.fromEntries(others) };
}

/** The values of fields. @throws ProblemError validation_failed for a text that is no value of its field */
export function contentFrom(fields: readonly FormField[], entered: ReadonlyMap<string, string>): Content {
  const faults: FieldFault[] = [];
  const content: [string, Content[string]][] = [];
  for (const field of fields) {
    const text = entered.get(field.name) ?? '';
    if (text.trim() === '' && !field.required) continue;
    const value = entryOf(field, text);
    if (value === undefined)
      faults.push({ pointer: pointerOf(field.name), message: wanted[field.kind] ?? 'Fill this in.' });
    else content.push([field.name, value]);
  }
  if (faults.length > 0) throw notValid(faults);
  return Object.fromEntries(content);
}

const wanted: Partial<Record<FormField['kind'], string>> = {
  number: 'Enter a number.',
  integer: 'Enter a whole number.',
  boolean: 'Choose yes or no.',
  choice: 'Choose one of the list.',
  choices: 'Choose at least one.',
};

function entryOf({ kind, choices }: FormField, text: string): Content[string] | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  switch (kind) {
    case 'number':
    case 'integer': {
      const value = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : Number.NaN;
      return Number.isFinite(value) && (kind === 'number' || Number.isInteger(value)) ? value : undefined;
    }
    case 'boolean':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : undefined;
    case 'choice':
      return choices.some(({ value }) => value === text) ? text : undefined;
    case 'choices':
      return choices.flatMap(({ value }) => (text.split('\n').includes(value) ? [value] : []));
    default:
      return kind === 'long' ? text : trimmed;
  }
}
