import { StringDecoder } from 'node:string_decoder';
import { isRecord } from '@errand/basics/is-record';
import { stripHidden } from '../../execute/clean.ts';

/** An object of a document. Its members may have any type. */
export type Node = Record<string, unknown>;

export const isNode: (value: unknown) => value is Node = isRecord;

/** Own member of a node, never an inherited one. */
export const member = (node: Node, key: string): unknown => (Object.hasOwn(node, key) ? node[key] : undefined);

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

export const child = (pointer: string, ...keys: readonly (string | number)[]): string =>
  [pointer, ...keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

export type Context = {
  root: Node;
  version: '3.0' | '3.1';
  warn: (pointer: string, message: string) => void;
  /** Origins that the operator allows, whatever their host is called. */
  allowedOrigins?: readonly string[];
};

const unescapeToken = (token: string): string | undefined => {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
};

/** The target of a local reference (`#/…`), or undefined. */
export function atPointer(root: Node, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let current: unknown = root;
  for (const token of ref.slice(2).split('/')) {
    const key = unescapeToken(token);
    if (key === undefined) return undefined;
    if (Array.isArray(current)) current = /^\d+$/.test(key) ? current[Number(key)] : undefined;
    else current = isNode(current) ? member(current, key) : undefined;
  }
  return current;
}

/** Follows the `$ref`s of an object; undefined for circular and dangling references. */
export function resolve(context: Pick<Context, 'root'>, value: unknown): Node | undefined {
  let current = value;
  for (let hops = 0; hops < 16; hops++) {
    if (!isNode(current)) return undefined;
    const ref = textOf(member(current, '$ref'));
    if (ref === undefined) return current;
    current = atPointer(context.root, ref);
  }
  return undefined;
}

/** Text for people and models: without hidden characters, at most `max` bytes, undefined if empty. */
export function plainText(value: unknown, maxBytes: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = stripHidden(value).trim();
  if (Buffer.byteLength(text) <= maxBytes) return text || undefined;
  const cut = Buffer.from(text).subarray(0, maxBytes - 4);
  return `${new StringDecoder('utf8').write(cut)}…`;
}

export type Finding = { pointer: string; message: string };

/** The document is not usable. Passes from the process that reads it as plain data. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault';

  constructor(
    readonly code: 'openapi_invalid' | 'openapi_too_large',
    message: string,
    readonly findings: Finding[] = [],
    readonly remedy?: string,
  ) {
    super(message);
  }
}

export const invalid = (pointer: string, message: string): DocumentFault =>
  new DocumentFault('openapi_invalid', message, [{ pointer, message }]);
