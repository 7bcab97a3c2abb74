/** Shorthands for JSON schemas. */
export type Schema = Record<string, unknown>;

export const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
export const whole = (description: string, more: Schema = {}): Schema => ({ type: 'integer', description, ...more });
export const amount = (description: string, more: Schema = {}): Schema => ({ type: 'number', description, ...more });
export const flag = (description: string): Schema => ({ type: 'boolean', description });
export const day = (description: string): Schema => text(description, { format: 'date' });
export const moment = (description: string): Schema => text(description, { format: 'date-time' });
export const email = (description: string): Schema => text(description, { format: 'email' });
export const oneOf = (description: string, values: string[]): Schema => text(description, { enum: values });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const list = (items: Schema, description = ''): Schema => ({
  type: 'array',
  items,
  ...(description ? { description } : {}),
});

/** @returns an object's schema; a name that ends in `!` is required */
export function object(members: Record<string, Schema>, description = ''): Schema {
  const required = Object.keys(members).filter((name) => name.endsWith('!'));
  return {
    type: 'object',
    ...(description ? { description } : {}),
    properties: Object.fromEntries(Object.entries(members).map(([name, schema]) => [name.replace('!', ''), schema])),
    ...(required.length ? { required: required.map((name) => name.slice(0, -1)) } : {}),
  };
}
