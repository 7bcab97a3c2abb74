import { isRecord } from '@errand/basics/is-record';

/** The member of an answer at a path of names separated by dots; a number is an index of a list. */
export function memberAt(answer: unknown, path: string): unknown {
  let at = answer;
  for (const name of path.split('.')) {
    if (Array.isArray(at)) at = at[Number(name)];
    else if (isRecord(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}
