import type { Json } from '@errand/contracts';

/** Deeper parts are left out, because each level needs a frame of the stack. */
const MAX_DEPTH = 200;

/** The JSON text of a value, or its beginning of at least `chars` characters. The rest of the value is not read. */
export function jsonBeginning(value: Json, chars: number): string {
  let text = '';
  const addText = (part: string) => {
    text += JSON.stringify(part.slice(0, Math.max(0, chars - text.length)));
  };
  const addList = (list: readonly Json[], depth: number) => {
    for (let i = 0; i < list.length && text.length < chars; i++) {
      text += i === 0 ? '' : ',';
      add(list[i]!, depth);
    }
  };
  const addMembers = (members: { readonly [key: string]: Json }, depth: number) => {
    let separator = '';
    for (const key of Object.keys(members)) {
      if (text.length >= chars) return;
      text += separator;
      separator = ',';
      addText(key);
      text += ':';
      add(members[key]!, depth);
    }
  };
  const add = (part: Json, depth: number): void => {
    if (typeof part === 'string') addText(part);
    else if (typeof part !== 'object' || part === null) text += JSON.stringify(part) ?? 'null';
    else if (depth === MAX_DEPTH) text += '"…"';
    else if (Array.isArray(part)) {
      text += '[';
      addList(part, depth + 1);
      text += ']';
    } else {
      text += '{';
      addMembers(part, depth + 1);
      text += '}';
    }
  };
  add(value, 0);
  return text;
}
