// Answers to forms: flat JSON Schemas with texts, numbers, booleans or choices as properties.
import { usageFailure } from '../outcome/failure.ts';
import type { Asker } from '../terminal/ask.ts';

type Scalar = string | number | boolean;
type Property = {
  type?: string;
  title?: string;
  description?: string;
  enum?: readonly Scalar[];
  oneOf?: readonly { const: Scalar; title?: string }[];
};
export type Form = { properties?: Record<string, Property>; required?: readonly string[] };
export type FormValues = Record<string, Scalar>;

const MAX_FIELDS = 30;

const choicesOf = ({ enum: values, oneOf }: Property) =>
  oneOf?.map(({ const: value, title }) => ({ value, label: title ?? String(value) })) ??
  values?.map((value) => ({ value, label: String(value) }));

/** Asks for each field. Optional ones may stay empty. */
export async function askForm(form: Form, ask: Asker, signal?: AbortSignal): Promise<FormValues> {
  const values: FormValues = {};
  for (const [name, property] of Object.entries(form.properties ?? {}).slice(0, MAX_FIELDS)) {
    const isRequired = form.required?.includes(name) ?? false;
    const label = `${property.title ?? name}${isRequired ? '' : ' (optional)'}`;
    const value = await askField(label, property, ask, signal);
    if (value !== undefined) values[name] = value;
    else if (isRequired) throw usageFailure(`${property.title ?? name} is required.`);
  }
  return values;
}

async function askField(
  label: string,
  property: Property,
  ask: Asker,
  signal?: AbortSignal,
): Promise<Scalar | undefined> {
  const choices = choicesOf(property);
  if (choices) {
    const position = await ask.choose(
      label,
      choices.map((choice) => choice.label),
      { signal },
    );
    return choices[position]!.value;
  }
  if (property.type === 'boolean') return ask.confirm(label, { signal });
  const text = (await ask.text(label, { signal })).trim();
  return text === '' ? undefined : parseField(label, property, text);
}

/** The values of `name=value` arguments. */
export function parseForm(form: Form, pairs: readonly string[]): FormValues {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      const name = pair.slice(0, Math.max(0, equals));
      const property = form.properties?.[name];
      if (!property) {
        const names = Object.keys(form.properties ?? {}).join(', ');
        throw usageFailure(`"${pair}" is no field of the form.`, `Write <field>=<value>. Fields: ${names}.`);
      }
      return [name, parseField(name, property, pair.slice(equals + 1))];
    }),
  );
}

function parseField(name: string, property: Property, text: string): Scalar {
  const choices = choicesOf(property);
  if (choices) {
    const choice = choices.find(({ value, label }) => String(value) === text || label === text);
    if (choice) return choice.value;
    throw usageFailure(`${name} cannot be "${text}".`, `Choices: ${choices.map(({ label }) => label).join(', ')}.`);
  }
  if (property.type === 'boolean') return parseFlag(name, text);
  return property.type === 'number' || property.type === 'integer' ? parseNumber(name, property.type, text) : text;
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false };

function parseFlag(name: string, text: string): boolean {
  const flag = FLAGS[text];
  if (flag !== undefined) return flag;
  throw usageFailure(`${name} must be yes or no.`);
}

function parseNumber(name: string, type: 'number' | 'integer', text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && (type === 'number' || Number.isInteger(number))) return number;
  throw usageFailure(`${name} must be a ${type === 'integer' ? 'whole ' : ''}number.`);
}
