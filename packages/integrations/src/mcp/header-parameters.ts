/** The member of a schema by which a server wants an argument as a header, too (SEP-2243). */
const MARK = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/;
const TYPES = new Set(['string', 'integer', 'boolean']);
const MAX_DEPTH = 64;

/**
 * Why the headers that a tool wants of its arguments are not allowed; undefined when they are. A client must not call such a tool. A mark
 * stands on a property of a plain type, which is reached through properties alone, and no two have the same name.
 */
export function faultOfHeaders(inputSchema: unknown): string | undefined {
  const names = new Set<string>();
  const visit = (value: unknown, reachable: boolean, depth: number): string | undefined => {
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined;
    const schema = value as Record<string, unknown>;
    if (MARK in schema) {
      const { [MARK]: name, type } = schema;
      if (!reachable || depth === 0) return `${MARK} stands where no header can be made of it.`;
      if (typeof name !== 'string' || !TOKEN.test(name)) return `${MARK} is no name of a header.`;
      if (typeof type !== 'string' || !TYPES.has(type)) return `${MARK} is for strings, integers and booleans alone.`;
      if (names.has(name.toLowerCase())) return `${MARK} names ${name} twice.`;
      names.add(name.toLowerCase());
    }
    for (const [key, under] of Object.entries(schema)) {
      const fault = key === 'properties' ? ofProperties(under, reachable, depth) : visit(under, false, depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
  const ofProperties = (properties: unknown, reachable: boolean, depth: number): string | undefined => {
    for (const property of Object.values((properties ?? {}) as object)) {
      const fault = visit(property, reachable, depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
  return visit(inputSchema, true, 0);
}
