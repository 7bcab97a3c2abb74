import { atPointer, type Context, isNode, member, type Node } from '../document/document.ts';

const MAX_MERGED = 16;

/** One object for an allOf of plain objects whose members differ; undefined when it cannot be said that simply. */
export function mergeParts(context: Context, value: Node, hops = 0): Node | undefined {
  const parts = member(value, 'allOf') as unknown[];
  if (hops > MAX_MERGED || ['anyOf', 'oneOf'].some((key) => member(value, key) !== undefined)) return undefined;
  const { allOf: _parts, ...rest } = value;
  const out: Node = { ...rest };
  for (const part of parts) {
    let one: unknown = part;
    for (let n = 0; isNode(one) && typeof member(one, '$ref') === 'string'; n++) {
      if (n > MAX_MERGED || (context.version === '3.1' && Object.keys(one).length > 1)) return undefined;
      one = atPointer(context.root, member(one, '$ref') as string);
    }
    if (!isNode(one)) return undefined;
    if (Array.isArray(member(one, 'allOf'))) one = mergeParts(context, one, hops + 1);
    if (!isNode(one) || !mergeInto(out, one)) return undefined;
  }
  return out;
}

const mergeable = new Set([
  'type',
  'properties',
  'required',
  'title',
  'description',
  'example',
  'examples',
  'nullable',
  'deprecated',
  'externalDocs',
  'xml',
  'discriminator',
  'default',
]);

function mergeInto(out: Node, part: Node): boolean {
  for (const [key, value] of Object.entries(part)) {
    if (key.startsWith('x-')) continue;
    if (!mergeable.has(key)) return false;
    if (key === 'properties') {
      const before = isNode(out.properties) ? out.properties : {};
      if (!isNode(value)) return false;
      for (const name of Object.keys(value)) {
        if (Object.hasOwn(before, name) && before[name] !== value[name]) return false;
      }
      out.properties = { ...before, ...value };
    } else if (key === 'required') {
      const before = Array.isArray(out.required) ? out.required : [];
      if (Array.isArray(value)) out.required = [...before, ...value];
    } else if (key === 'type') {
      if (out.type !== undefined && JSON.stringify(out.type) !== JSON.stringify(value)) return false;
      out.type = value;
    } else if (key !== 'discriminator' && out[key] === undefined) {
      out[key] = value;
    }
  }
  return true;
}
