import type { ToolSpec } from '@errand/contracts';
import { words } from './label.ts';

const READING = new Set(
  'search query list find lookup look get fetch retrieve read count filter browse show return returns describe view'.split(
    ' ',
  ),
);

type ToolWords = Pick<ToolSpec, 'effect' | 'method' | 'operation' | 'path' | 'title' | 'description'>;

/**
 * Whether a call only reads. A POST does when its name and its words say so (`/items/search`, "Lists the items"): a service may take
 * filters in a body. Approvals do not use this: for them such a tool is a write until its owner says otherwise.
 */
export function readsOnly({ effect, method, operation, path = '', title = '', description }: ToolWords): boolean {
  if (effect === 'read') return true;
  if (method !== 'POST') return false;
  const wordsOf = (text: string) => words(text.slice(0, 200)).match(/[\p{L}\p{N}]+/gu) ?? [];
  const tail = wordsOf(path.split('/').findLast((part) => part !== '' && !part.includes('{')) ?? '');
  const named = wordsOf(operation);
  const says = (list: readonly (string | undefined)[]) =>
    list.some((word) => word !== undefined && (READING.has(word) || READING.has(word.replace(/e?s$/, ''))));
  return says([named[0], named.at(-1), tail[0], tail.at(-1)]) && says([wordsOf(title)[0], wordsOf(description)[0]]);
}
