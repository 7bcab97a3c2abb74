type Schema = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
};

/** The smallest value that fits a schema of a stand-in. */
export function sampleOf(schema: Schema): unknown {
  const { enum: choices, anyOf, oneOf, properties = {}, required = [], items = {}, minItems = 0 } = schema;
  if (schema.const !== undefined) return schema.const;
  if (choices) return choices[0];
  const option = (anyOf ?? oneOf)?.[0];
  if (option) return sampleOf(option);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: minItems }, () => sampleOf(items));
    case 'object':
      return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
    default:
      return 'x1';
  }
}
