import type { Json } from '@errand/contracts';

/** The value at a path of member names, separated by dots; a number is an index of a list. Undefined if the path leads nowhere. */
export function valueAt(value: Json, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as { [name: string]: Json })[name];
  }
  return at;
}
