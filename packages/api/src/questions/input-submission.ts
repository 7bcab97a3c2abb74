import { AnswerInputByForm, AnswerInputByLink, type InputAnswer, type InputView } from '@errand/contracts';
import { under } from '@errand/plan';
import type { FastifyRequest } from 'fastify';
import { formPairs, jsonBody, validate } from '../links/submission.ts';
import { booleanFrom, type FieldFault, invalidValues, numberFrom } from '../pages/html/field-faults.ts';
import { type FormField, formFields, INPUT_PREFIX } from '../pages/html/schema-form.ts';
import { en } from '../pages/texts/en.ts';
import type { AnswerSubmission } from './mount-answer-page.ts';

type Content = NonNullable<InputAnswer['content']>;

/** Reads an answer. @throws ProblemError invalid_json, validation_failed */
export function readInputSubmission(request: FastifyRequest): AnswerSubmission<InputView, InputAnswer> {
  const pairs = formPairs(request);
  if (pairs === undefined) {
    const { token, ...answer } = validate(AnswerInputByLink, jsonBody(request));
    return { token, toAnswer: () => answer };
  }
  const { entered, others } = splitFormPairs(pairs);
  const { token, csrf, action } = validate(AnswerInputByForm, others);
  return {
    token,
    csrf,
    entered,
    toAnswer: ({ requestedSchema: schema }) =>
      action === 'accept' && schema ? { action, content: readContent(formFields(schema), entered) } : { action },
  };
}

/** Splits a form into the entered values, by field name, and the other fields of the page. */
export function splitFormPairs(pairs: readonly [string, string][]): {
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

/** The values of fields. @throws ProblemError validation_failed for an invalid text */
export function readContent(fields: readonly FormField[], entered: ReadonlyMap<string, string>): Content {
  const faults: FieldFault[] = [];
  const content: [string, Content[string]][] = [];
  for (const field of fields) {
    const text = entered.get(field.name) ?? '';
    if (text.trim() === '' && !field.required) continue;
    const value = readValue(field, text);
    if (value === undefined)
      faults.push({ pointer: under('', field.name), message: faultMessages[field.kind] ?? en.faults.fill });
    else content.push([field.name, value]);
  }
  if (faults.length > 0) throw invalidValues(faults);
  return Object.fromEntries(content);
}

const { number, integer, boolean, choice, choices } = en.faults;
const faultMessages: Partial<Record<FormField['kind'], string>> = { number, integer, boolean, choice, choices };

function readValue({ kind, choices }: FormField, text: string): Content[string] | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  switch (kind) {
    case 'number':
    case 'integer':
      return numberFrom(trimmed, kind === 'integer');
    case 'boolean':
      return booleanFrom(trimmed);
    case 'choice':
      return choices.some(({ value }) => value === text) ? text : undefined;
    case 'choices':
      return choices.flatMap(({ value }) => (text.split('\n').includes(value) ? [value] : []));
    default:
      return kind === 'long' ? text : trimmed;
  }
}
