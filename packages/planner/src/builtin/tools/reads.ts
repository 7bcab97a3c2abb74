import type { ToolSpec } from '@errand/contracts';
import { words } from '../lexicon/words.ts';

const READING =
  /^(?:search|query|list|find|lookup|look|get|fetch|retrieve|read|count|filter|browse|show|returns?|describe|view)$/;

/**
 * Whether a call only reads. A POST does where its name and its words say so (`/items/search`, "Lists the items"): a service may
 * take its filters in a body. Only the planner goes by that: for approvals such a tool remains a write until its owner says otherwise.
 */
export function readsOnly({ effect, method, operation, path = '', title = '', description }: ToolSpec): boolean {
  if (effect === 'read') return true;
  if (method !== 'POST') return false;
  const tail = words(path.split('/').findLast((part) => part !== '' && !part.includes('{')) ?? '');
  const named = words(operation);
  const says = (list: readonly (string | undefined)[]) => list.some((word) => word !== undefined && READING.test(word));
  return says([named[0], named.at(-1), tail[0], tail.at(-1)]) && says([words(title)[0], words(description)[0]]);
}
