import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';
import { under } from '../template/pointer.ts';
import { holeAt } from '../template/template.ts';
import { words } from '../tools/label.ts';
import { plural } from './text.ts';

/** One argument: a value or a hole of a plan; a list is one argument. */
export type Argument = {
  pointer: string;
  /** Its path as words, without the place in the request: "customer name". */
  label: string;
  /** The last member of its path, as words. */
  last: string;
  /** For an id, the noun of its thing: "account". */
  of: string | undefined;
  value: Json;
};

const GROUPS = new Set(['path', 'query', 'header', 'body']);
const MAX_ARGUMENTS = 100;

/** The arguments of a call or a step, in their order. @param noun of the tool: an `id` is its id */
export function argumentsOf(args: { [key: string]: Json }, noun: string): Argument[] {
  const list: Argument[] = [];
  const visit = (value: Json, pointer: string, path: readonly string[]): void => {
    if (list.length >= MAX_ARGUMENTS) return;
    const isGroup = path.length === 1 && GROUPS.has(path[0]!);
    if (isRecord(value) && holeAt(value, pointer) === undefined && (isGroup || Object.keys(value).length > 0)) {
      for (const [key, member] of Object.entries(value)) visit(member as Json, under(pointer, key), [...path, key]);
      return;
    }
    const pathInGroup = path.length > 1 && GROUPS.has(path[0]!) ? path.slice(1) : path;
    const key = pathInGroup.at(-1) ?? '';
    list.push({
      pointer,
      label: words(pathInGroup.join(' ')),
      last: words(key),
      of: idNoun(key, pathInGroup.at(-2), noun),
      value,
    });
  };
  for (const [key, value] of Object.entries(args)) visit(value, under('', key), [key]);
  return list;
}

function idNoun(key: string, parent: string | undefined, noun: string): string | undefined {
  if (/^_?id$/i.test(key)) return parent === undefined ? noun || undefined : words(parent);
  const [, single, many] = /^(.+?)(?:_id|Id|ID)$|^(.+?)(?:_ids|Ids|IDs)$/.exec(key) ?? [];
  return single === undefined ? many && plural(words(many)) : words(single);
}
