/** A JSON Schema (draft-07) that the example satisfies: all of its properties are required, and items of lists are alike. */
export function schemaOf(example: unknown): Record<string, unknown> {
  if (example === null) return {};
  if (Array.isArray(example)) return { type: 'array', ...(example.length > 0 && { items: unionOf(example) }) };
  switch (typeof example) {
    case 'object': {
      const entries = Object.entries(example as object);
      return {
        type: 'object',
        properties: Object.fromEntries(entries.map(([name, value]) => [name, schemaOf(value)])),
        required: entries.filter(([, value]) => value !== null).map(([name]) => name),
      };
    }
    case 'number':
      return { type: 'number' };
    default:
      return { type: typeof example };
  }
}

/** The schema of all items: properties of any, required if they are in all. */
function unionOf(items: readonly unknown[]): Record<string, unknown> {
  const schemas = items.map(schemaOf);
  const [first = {}] = schemas;
  if (schemas.some(({ type }) => type !== first.type)) return {};
  if (first.type !== 'object') return first;
  const properties = Object.assign({}, ...schemas.map(({ properties }) => properties)) as Record<string, unknown>;
  const required = Object.keys(properties).filter((name) =>
    schemas.every((schema) => (schema.required as string[]).includes(name)),
  );
  return { type: 'object', properties, required };
}
