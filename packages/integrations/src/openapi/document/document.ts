/** Any object of a document; nothing in it may be trusted to have its proper type. */
export type Node = Record<string, unknown>;

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own member of a node, whatever the key is called. */
export const member = (node: Node, key: string): unknown => (Object.hasOwn(node, key) ? node[key] : undefined);

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** Adds a step to a JSON pointer (RFC 6901). */
export const step = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** What a document is read into while it is converted. */
export type Context = {
  root: Node;
  version: '3.0' | '3.1';
  warn: (pointer: string, message: string) => void;
};

const unescapeToken = (token: string): string | undefined => {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
};

/** What a local reference (`#/…`) points at, or undefined. */
export function atPointer(root: Node, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const token of ref.slice(2).split('/')) {
    const key = unescapeToken(token);
    if (key === undefined) return undefined;
    if (Array.isArray(at)) at = /^\d+$/.test(key) ? at[Number(key)] : undefined;
    else at = isNode(at) ? member(at, key) : undefined;
  }
  return at;
}

/** Follows `$ref`s of a parameter, response and so on; a circle or a dangling one gives undefined. */
export function resolve(context: Context, value: unknown): Node | undefined {
  let at = value;
  for (let hops = 0; hops < 16; hops++) {
    if (!isNode(at)) return undefined;
    const ref = textOf(member(at, '$ref'));
    if (ref === undefined) return at;
    at = atPointer(context.root, ref);
  }
  return undefined;
}
