import { fittingName, MAX_NAME, withDigest } from '../operation-name.ts';
import type { Context } from './document/document.ts';

/** `get_deals_by_id` for GET /deals/{id}: what an operation without an id is called. */
const derived = (method: string, path: string): string =>
  `${method}_${path
    .split('/')
    .filter(Boolean)
    .map((part) => part.replace(/\{([^}]*)\}/g, 'by_$1'))
    .join('_')}`;

/** Gives every operation a name of its own that stays the same when the document is imported again. */
export function operationNamer(context: Context) {
  const taken = new Set<string>();
  return (method: string, path: string, operationId: string | undefined, pointer: string): string => {
    let name = fittingName(operationId?.trim() || derived(method, path));
    if (operationId !== undefined && name !== operationId) {
      context.warn(pointer, `The operation is called ${name}: letters, digits, _ and -, at most ${MAX_NAME}.`);
    }
    if (taken.has(name)) {
      const unique = withDigest(name, `${method} ${path}`);
      context.warn(pointer, `Another operation is called ${name}; this one is called ${unique}.`);
      name = unique;
    }
    taken.add(name);
    return name;
  };
}
