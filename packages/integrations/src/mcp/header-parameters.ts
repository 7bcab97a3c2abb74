/** The member of a schema by which a server requests an argument as a header as well (SEP-2243). */
const MARK = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/;
const TYPES = new Set(['string', 'integer', 'boolean']);
const MAX_DEPTH = 64;

/**
 * The fault in the header marks of a tool, if any: a client must not call such a tool. A mark belongs to a property of a plain type that is
 * reached through properties alone, and its name is unique.
 */
export const faultOfHeaders = (inputSchema: unknown): string | undefined =>
  faultAt(inputSchema, { names: new Set(), reachable: true, depth: 0 });

/** `names`: of the marks so far. `reachable`: through properties alone. */
type Spot = { names: Set<string>; reachable: boolean; depth: number };

function faultAt(value: unknown, spot: Spot): string | undefined {
  if (typeof value !== 'object' || value === null || spot.depth > MAX_DEPTH) return undefined;
  const schema = value as Record<string, unknown>;
  const inside = { ...spot, depth: spot.depth + 1 };
  const fault = MARK in schema ? faultOfMark(schema, spot) : undefined;
  return (
    fault ??
    firstFault(Object.entries(schema), ([key, under]) =>
      key === 'properties'
        ? firstFault(Object.values((under ?? {}) as object), (property) => faultAt(property, inside))
        : faultAt(under, { ...inside, reachable: false }),
    )
  );
}

function faultOfMark({ [MARK]: name, type }: Record<string, unknown>, { names, reachable, depth }: Spot) {
  if (!reachable || depth === 0) return `${MARK} is not on a property that can become a header.`;
  if (typeof name !== 'string' || !TOKEN.test(name)) return `${MARK} is not the name of a header.`;
  if (typeof type !== 'string' || !TYPES.has(type)) return `${MARK} is for strings, integers and booleans alone.`;
  if (names.has(name.toLowerCase())) return `${MARK} names ${name} twice.`;
  names.add(name.toLowerCase());
  return undefined;
}

function firstFault<T>(list: readonly T[], faultOf: (item: T) => string | undefined): string | undefined {
  for (const item of list) {
    const fault = faultOf(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
