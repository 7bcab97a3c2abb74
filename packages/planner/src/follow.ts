import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';

/** The target of a local `$ref`; an empty schema for a missing one. */
export function follow(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let at: unknown = schema;
  for (let hops = 0; hops < 16 && isRecord(at) && typeof at.$ref === 'string'; hops++) {
    const { $ref: reference, ...beside } = at;
    const parts = String(reference)
      .replace(/^#\/?/, '')
      .split('/')
      .filter((part) => part !== '');
    const target = parts.reduce<unknown>(
      (node, part) =>
        isRecord(node) ? node[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')] : undefined,
      root,
    );
    at = isRecord(target) && target !== at ? { ...target, ...beside } : {};
  }
  return isRecord(at) ? at : {};
}
