import { atPointer, type Context, isNode, member, type Node } from '../document/document.ts';

const MAX_MERGED = 16;

/** Merges an allOf of plain objects with different members into one object; undefined if that is not possible. */
export function mergeParts(context: Context, value: Node, hops = 0): Node | undefined {
  if (hops > MAX_MERGED || ['anyOf', 'oneOf'].some((key) => member(value, key) !== undefined)) return undefined;
  const { allOf: parts, ...out } = value;
  for (const part of parts as unknown[]) {
    const target = targetOf(context, part);
    const merged = target && Array.isArray(member(target, 'allOf')) ? mergeParts(context, target, hops + 1) : target;
    if (!merged || !mergeInto(out, merged)) return undefined;
  }
  return out;
}

/** The target of a part; undefined if a reference has siblings that count, or if there are too many references. */
function targetOf(context: Context, part: unknown): Node | undefined {
  let at = part;
  for (let n = 0; n <= MAX_MERGED + 1; n++) {
    if (!isNode(at)) return undefined;
    const ref = member(at, '$ref');
    if (typeof ref !== 'string') return at;
    if (context.version === '3.1' && Object.keys(at).length > 1) return undefined;
    at = atPointer(context.root, ref);
  }
  return undefined;
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

/** Adds the members of a part. @returns false if they contradict present ones */
const mergeInto = (out: Node, part: Node): boolean =>
  Object.entries(part).every(([key, value]) => key.startsWith('x-') || mergeMember(out, key, value));

function mergeMember(out: Node, key: string, value: unknown): boolean {
  if (!mergeable.has(key)) return false;
  if (key === 'properties') return mergeProperties(out, value);
  if (key === 'type' && out.type !== undefined) return JSON.stringify(out.type) === JSON.stringify(value);
  if (key === 'required') {
    const before = Array.isArray(out.required) ? out.required : [];
    if (Array.isArray(value)) out.required = [...before, ...value];
  } else if (key !== 'discriminator' && out[key] === undefined) out[key] = value;
  return true;
}

function mergeProperties(out: Node, added: unknown): boolean {
  if (!isNode(added)) return false;
  const before = isNode(out.properties) ? out.properties : {};
  if (Object.keys(added).some((name) => Object.hasOwn(before, name) && before[name] !== added[name])) return false;
  out.properties = { ...before, ...added };
  return true;
}
