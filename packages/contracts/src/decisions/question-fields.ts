// The form of a question: its fields, its JSON Schema, and the answers to it.
import { z } from 'zod';
import { doc, optionalFlag, optionalOneOf, storableText } from '../base/fields.ts';
import type { JsonSchema } from '../base/json.ts';

/** The largest form of a question, and the longest text in an answer to it. */
const FORM_LIMITS = { fields: 10, name: 64, label: 200, choices: 20, text: 4000, answer: 32_000 } as const;

const label = z.string().min(1).max(FORM_LIMITS.label).meta(doc('Label for the person.', 'Ann Lee'));
const choiceValue = z.string().min(1).max(FORM_LIMITS.label).meta(doc('The value when it is chosen.', 'con_000017'));

/** A field of a question, as plans and planners write it. */
const QuestionField = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/)
    .max(FORM_LIMITS.name)
    .meta(doc('Its member of the answer.', 'seats')),
  title: label.optional().meta(doc('Label of the field; its name by default.', 'Seats')),
  type: optionalOneOf(
    ['string', 'number', 'integer', 'boolean', 'date'],
    'Type of its value; `string` by default.',
    'integer',
  ),
  choices: z
    .array(z.union([label, z.strictObject({ value: choiceValue, label })]))
    .min(1)
    .max(FORM_LIMITS.choices)
    .optional()
    .meta(doc('For `string`: the values to choose from.', ['Hall', 'Balcony'])),
  required: optionalFlag('Whether it must be filled in; true by default.', false),
});
type QuestionField = z.infer<typeof QuestionField>;

export const QuestionFields = z
  .array(QuestionField)
  .min(1)
  .max(FORM_LIMITS.fields)
  .meta({
    description: 'The fields of a form, instead of `choices`: the answer is then an object with a member for each.',
    examples: [
      [
        { name: 'seats', type: 'integer' },
        { name: 'on', type: 'date' },
      ],
    ],
  });
export type QuestionFields = z.infer<typeof QuestionFields>;

/** Why the fields are no valid form; undefined if they are. */
export function findFieldsFault(fields: QuestionFields): string | undefined {
  const names = fields.map(({ name }) => name);
  const duplicateName = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicateName !== undefined) return `Two fields of a question are named ${duplicateName}.`;
  const fieldWithChoices = fields.find(({ choices, type = 'string' }) => choices && type !== 'string');
  return fieldWithChoices && `The field ${fieldWithChoices.name} has choices, so its type must be string.`;
}

/** The form as a flat JSON Schema. */
export function toFormSchema(fields: QuestionFields): JsonSchema {
  const required = fields.filter((field) => field.required !== false).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, toProperty(field)])),
    ...(required.length > 0 && { required }),
  };
}

function toProperty({ title, type = 'string', choices }: QuestionField): JsonSchema {
  return {
    ...(title !== undefined && { title }),
    type: type === 'date' ? 'string' : type,
    ...(type === 'date' && { format: 'date' }),
    ...(choices && {
      oneOf: choices.map((option) =>
        typeof option === 'string' ? { const: option, title: option } : { const: option.value, title: option.label },
      ),
    }),
  };
}

const answerText = storableText(FORM_LIMITS.text).min(1);

/** An answer to a form. */
export const FormAnswer = z
  .record(z.string().max(FORM_LIMITS.name), z.union([answerText, z.number(), z.boolean()]))
  .refine(
    (answers) => JSON.stringify(answers).length <= FORM_LIMITS.answer,
    `Must have at most ${FORM_LIMITS.answer} characters.`,
  );
type FormAnswer = z.infer<typeof FormAnswer>;

type Property = { title?: string; type?: string; format?: string; oneOf?: { const: string; title: string }[] };
const propertiesOf = (schema: JsonSchema): [string, Property][] =>
  Object.entries((schema.properties ?? {}) as Record<string, Property>);

/** An answer to a form, for people: "Seats: 2; on: 2027-01-31". */
export const formAnswerText = (schema: JsonSchema, answer: FormAnswer): string =>
  propertiesOf(schema)
    .flatMap(([name, { title = name, oneOf }]) => {
      const value = answer[name];
      return value === undefined
        ? []
        : [`${title}: ${oneOf?.find((option) => option.const === value)?.title ?? value}`];
    })
    .join('; ');

/** An answer that fits a form, as an example: its required fields. */
export function exampleAnswer(schema: JsonSchema): FormAnswer {
  const required = new Set((schema.required ?? []) as string[]);
  return Object.fromEntries(
    propertiesOf(schema).flatMap(([name, property]) => (required.has(name) ? [[name, exampleValue(property)]] : [])),
  );
}

function exampleValue({ type, format, oneOf }: Property): string | number | boolean {
  if (oneOf) return oneOf[0]!.const;
  if (type === 'boolean') return true;
  if (type !== 'string') return 1;
  return format === 'date' ? '2027-01-31' : 'In your words';
}
