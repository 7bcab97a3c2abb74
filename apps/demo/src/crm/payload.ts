// Converts payloads between concept names (inside) and the words of a vocabulary (on the wire), by their schema.
import { components } from './components.ts';
import type { Naming } from './naming.ts';
import { refName, resolve, type Schema } from './schema.ts';

type JsonObject = Record<string, unknown>;

/** Encodes a value for the wire. Omits members that the schema does not have. */
export function encode(value: unknown, schema: Schema, naming: Naming): unknown {
  const { enum: values, items, properties } = resolve(schema, components);
  if (values) return naming.value(String(value));
  if (items) return (value as unknown[]).map((item) => encode(item, items, naming));
  if (!properties) return value;
  const input = value as JsonObject;
  const present = Object.entries(properties).filter(([name]) => input[name] !== undefined);
  return Object.fromEntries(present.map(([name, schema]) => [naming.field(name), encode(input[name], schema, naming)]));
}

/** Decodes a valid value from the wire: the inverse of `encode`. */
export function decode(value: unknown, schema: Schema, naming: Naming): unknown {
  const { enum: values, items, properties } = resolve(schema, components);
  if (values) return values.find((candidate) => naming.value(candidate) === value);
  if (items) return (value as unknown[]).map((item) => decode(item, items, naming));
  if (!properties) return value;
  const input = value as JsonObject;
  const present = Object.entries(properties).filter(([name]) => input[naming.field(name)] !== undefined);
  return Object.fromEntries(present.map(([name, schema]) => [name, decode(input[naming.field(name)], schema, naming)]));
}

/** The schema as the document shows it. */
export function publicSchema(schema: Schema, naming: Naming): Schema {
  const { $ref, description, properties, required, items } = schema;
  if ($ref !== undefined) return { $ref: `#/components/schemas/${naming.component(refName($ref))}` };
  const translated = {
    ...schema,
    description: description && naming.prose(description),
    enum: schema.enum?.map(naming.value),
    example: schema.enum && schema.example !== undefined ? naming.value(String(schema.example)) : schema.example,
    default: schema.enum && schema.default !== undefined ? naming.value(String(schema.default)) : schema.default,
    properties: properties && publicProperties(properties, naming),
    required: required?.map(naming.field),
    items: items && publicSchema(items, naming),
  };
  return Object.fromEntries(Object.entries(translated).filter(([, value]) => value !== undefined));
}

const publicProperties = (properties: Readonly<Record<string, Schema>>, naming: Naming) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [naming.field(name), publicSchema(schema, naming)]),
  );
