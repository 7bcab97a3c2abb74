type Node = { [key: string]: unknown };

/**
 * Inlines the references of a JSON Schema, because not all clients resolve them. A recursive schema keeps its reference.
 * @param schema as zod makes it, with its parts under `$defs`
 */
export function inlined({ $defs, ...schema }: Node): Node {
  const parts = ($defs ?? {}) as Record<string, Node>;
  const recursive: Record<string, Node> = {};
  const walk = (value: unknown, within: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((member) => walk(member, within));
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Node;
    const name = typeof node.$ref === 'string' && /^#\/\$defs\/(.+)$/.exec(node.$ref)?.[1];
    if (!name)
      return Object.fromEntries(
        Object.entries(node)
          .filter(([key, member]) => key !== 'items' || !isFree(member))
          .map(([key, member]) => [
            key,
            key === 'additionalProperties' && isFree(member) ? true : walk(member, within),
          ]),
      );
    if (within.includes(name)) {
      recursive[name] ??= parts[name]!;
      return node;
    }
    const { $ref: _, ...beside } = node;
    return walk({ ...parts[name], ...beside }, [...within, name]);
  };
  const whole = walk(schema, []) as Node;
  return Object.keys(recursive).length > 0 ? { ...whole, $defs: recursive } : whole;
}

/** The empty schema. Strict clients require `true` instead of it in `additionalProperties`, and no `items` at all. */
const isFree = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
