/** Short ways to write JSON schemas. */
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

/** @returns what is wrong with a value, or nothing */
export function fault(schema: Schema, value: unknown, at = 'body'): string | undefined {
  const type = schema.type;
  const fits =
    type === 'array'
      ? Array.isArray(value)
      : type === 'object'
        ? typeof value === 'object' && value !== null && !Array.isArray(value)
        : type === 'integer'
          ? Number.isInteger(value)
          : type === undefined || typeof value === type;
  if (!fits) return `${at} must be of type ${type}`;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    return `${at} must be one of ${schema.enum.join(', ')}`;
  if (Number(value) < Number(schema.minimum ?? value)) return `${at} must be at least ${schema.minimum}`;
  if (Number(value) > Number(schema.maximum ?? value)) return `${at} must be at most ${schema.maximum}`;
  if (schema.format === 'date' && !/^\d{4}-\d\d-\d\d$/.test(String(value))) return `${at} must be a date`;
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(String(value)))) return `${at} must be a date and time`;
  if (schema.format === 'email' && !String(value).includes('@')) return `${at} must be an email address`;
  if (Array.isArray(value)) {
    if (schema.minItems && value.length < Number(schema.minItems)) return `${at} must not be empty`;
    return value.map((item, index) => fault(schema.items as Schema, item, `${at}[${index}]`)).find(Boolean);
  }
  if (type !== 'object') return undefined;
  const members = value as Record<string, unknown>;
  const missing = ((schema.required as string[] | undefined) ?? []).find((name) => members[name] === undefined);
  if (missing) return `${at}.${missing} is required`;
  const known = schema.properties as Record<string, Schema>;
  for (const [name, member] of Object.entries(members)) {
    const wrong = known[name] ? fault(known[name], member, `${at}.${name}`) : `${at}.${name} is unknown`;
    if (wrong) return wrong;
  }
  return undefined;
}
