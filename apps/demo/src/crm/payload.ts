// Converts payloads between concept names (inside) and the words of a vocabulary (on the wire), by their schema.
import { components } from './components.ts';
import type { Naming } from './naming.ts';
import { refName, resolve, type Schema } from './schema.ts';

type Json = Record<string, unknown>;

/** Encodes a value for the wire. Omits members that the schema does not have. */
export function encode(value: unknown, schema: Schema, names: Naming): unknown {
  const { enum: values, items, properties } = resolve(schema, components);
  if (values) return names.value(String(value));
  if (items) return (value as unknown[]).map((item) => encode(item, items, names));
  if (!properties) return value;
  const from = value as Json;
  const present = Object.entries(properties).filter(([name]) => from[name] !== undefined);
  return Object.fromEntries(present.map(([name, schema]) => [names.field(name), encode(from[name], schema, names)]));
}

/** Decodes a valid value from the wire: the inverse of `encode`. */
export function decode(value: unknown, schema: Schema, names: Naming): unknown {
  const { enum: values, items, properties } = resolve(schema, components);
  if (values) return values.find((candidate) => names.value(candidate) === value);
  if (items) return (value as unknown[]).map((item) => decode(item, items, names));
  if (!properties) return value;
  const from = value as Json;
  const present = Object.entries(properties).filter(([name]) => from[names.field(name)] !== undefined);
  return Object.fromEntries(present.map(([name, schema]) => [name, decode(from[names.field(name)], schema, names)]));
}

/** The schema as the document shows it. */
export function publicSchema(schema: Schema, names: Naming): Schema {
  const { $ref, description, properties, required, items } = schema;
  if ($ref !== undefined) return { $ref: `#/components/schemas/${names.component(refName($ref))}` };
  const translated = {
    ...schema,
    description: description && names.prose(description),
    enum: schema.enum?.map(names.value),
    example: schema.enum && schema.example !== undefined ? names.value(String(schema.example)) : schema.example,
    default: schema.enum && schema.default !== undefined ? names.value(String(schema.default)) : schema.default,
    properties: properties && fields(properties, names),
    required: required?.map(names.field),
    items: items && publicSchema(items, names),
  };
  return Object.fromEntries(Object.entries(translated).filter(([, value]) => value !== undefined));
}

const fields = (properties: Readonly<Record<string, Schema>>, names: Naming) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [names.field(name), publicSchema(schema, names)]),
  );
