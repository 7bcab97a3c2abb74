// Writes tools in the form that an imported OpenAPI document gives them, in few words.
import type { JsonSchema, ToolSpec } from '@errand/contracts';

/**
 * A schema in short: `string`, `integer`, `date`, `email` …, `a|b|c` for an enumeration, `[x]` for a list, an object for an
 * object; a `?` after a kind makes it nullable, a text after `: ` is the description, a `!` after a property's name makes it required.
 */
export type Short = string | { readonly [property: string]: Short } | readonly [Short];

const FORMATS: Readonly<Record<string, JsonSchema>> = {
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'date-time' },
  email: { type: 'string', format: 'email' },
  uri: { type: 'string', format: 'uri' },
  uuid: { type: 'string', format: 'uuid' },
};

export function schema(short: Short): JsonSchema {
  if (Array.isArray(short)) return { type: 'array', items: schema(short[0] as Short) };
  if (typeof short === 'object') {
    const entries = Object.entries(short as Record<string, Short>);
    return {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, inner]) => [name.replace('!', ''), schema(inner)])),
      required: entries.filter(([name]) => name.endsWith('!')).map(([name]) => name.slice(0, -1)),
    };
  }
  const [kind = '', ...told] = short.split(': ');
  const said = told.length === 0 ? {} : { description: told.join(': ') };
  if (kind.includes('|')) return { type: 'string', enum: kind.split('|'), ...said };
  const limit = /^limit(\d+)$/.exec(kind);
  if (limit !== null) return { type: 'integer', minimum: 1, maximum: Number(limit[1]), ...said };
  const plain = kind.replace(/\?$/, '');
  const of = FORMATS[plain] ?? { type: plain };
  return { ...of, ...(plain !== kind && { type: [(of as { type: string }).type, 'null'] }), ...said };
}

export type Sketch = {
  /** "GET /orders/{orderId}" */
  readonly call: string;
  readonly name: string;
  readonly title: string;
  readonly text?: string;
  readonly query?: Readonly<Record<string, Short>>;
  readonly body?: Readonly<Record<string, Short>>;
  readonly answer?: Short;
};

/** The tools of one service. */
export function service(slug: string, name: string, sketches: readonly Sketch[]): ToolSpec[] {
  const customerIntegrationId = `${slug}_1a2b3c4d`;
  return sketches.map(({ call, name: operation, title, text, query, body, answer }) => {
    const [method = 'GET', path = '/'] = call.split(' ');
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => [`${parameter}!`, 'string'] as const);
    const groups = {
      ...(inPath.length > 0 && { path: schema(Object.fromEntries(inPath)) }),
      ...(query && { query: schema(query) }),
      ...(body && { body: schema(body) }),
    };
    return {
      name: `${customerIntegrationId}.${operation}`,
      description: text ?? title,
      method,
      path,
      inputSchema: {
        type: 'object',
        properties: groups,
        required: Object.keys(groups).filter((group) => group !== 'query'),
      },
      enabled: true,
      effect: method === 'GET' ? 'read' : 'write',
      customerIntegrationId,
      integrationName: name,
      operation,
      title,
      ...(answer !== undefined && { outputSchema: schema(answer) }),
      fingerprint: operation,
      idempotent: method !== 'POST',
      call: null,
    };
  });
}
