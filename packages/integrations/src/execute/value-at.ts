import type { Json } from '@errand/contracts';

/**
 * The value at a path of member names, separated by dots; a number is an index of a list. A name may contain dots itself, such as
 * `@odata.nextLink`: the longest name that the value has counts. Undefined if the path leads nowhere.
 */
export function valueAt(value: Json, path: string): Json | undefined {
  const names = path.split('.');
  let at: Json | undefined = value;
  for (let from = 0; from < names.length; ) {
    if (typeof at !== 'object' || at === null) return undefined;
    let to = names.length;
    while (to > from && !Object.hasOwn(at, names.slice(from, to).join('.'))) to--;
    if (to === from) return undefined;
    at = (at as { [name: string]: Json })[names.slice(from, to).join('.')];
    from = to;
  }
  return at;
}
