import type { Row, Schema } from './service-data.ts';

const FORMATS: Record<string, { fits(text: string): boolean; words: string }> = {
  date: { fits: (text) => /^\d{4}-\d\d-\d\d$/.test(text), words: 'a date' },
  'date-time': { fits: (text) => !Number.isNaN(Date.parse(text)), words: 'a date and time' },
  email: { fits: (text) => text.includes('@'), words: 'an email address' },
};

/** @returns why a value does not fit its schema, or nothing */
export function schemaFault(schema: Schema, value: unknown, at = 'body'): string | undefined {
  const { type } = schema;
  if (!fitsType(type, value)) return `${at} must be of type ${type}`;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    return `${at} must be one of ${schema.enum.join(', ')}`;
  if (Number(value) < Number(schema.minimum ?? value)) return `${at} must be at least ${schema.minimum}`;
  if (Number(value) > Number(schema.maximum ?? value)) return `${at} must be at most ${schema.maximum}`;
  const format = FORMATS[String(schema.format)];
  if (format && !format.fits(String(value))) return `${at} must be ${format.words}`;
  if (Array.isArray(value)) return itemFault(schema, value, at);
  return type === 'object' ? memberFault(schema, value as Row, at) : undefined;
}

function fitsType(type: unknown, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return type === undefined || typeof value === type;
}

function itemFault(schema: Schema, items: unknown[], at: string): string | undefined {
  if (schema.minItems && items.length < Number(schema.minItems)) return `${at} must not be empty`;
  return items.map((item, index) => schemaFault(schema.items as Schema, item, `${at}[${index}]`)).find(Boolean);
}

function memberFault({ required = [], properties }: Schema, members: Row, at: string): string | undefined {
  const missing = (required as string[]).find((name) => members[name] === undefined);
  if (missing) return `${at}.${missing} is required`;
  for (const [name, member] of Object.entries(members)) {
    const schema = (properties as Record<string, Schema>)[name];
    const fault = schema ? schemaFault(schema, member, `${at}.${name}`) : `${at}.${name} is unknown`;
    if (fault) return fault;
  }
  return undefined;
}
