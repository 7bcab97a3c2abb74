import type { PickOperations } from '@errand/contracts';
import {
  atPointer,
  type Context,
  DocumentFault,
  type Finding,
  isNode,
  member,
  type Node,
  resolve,
  textOf,
} from './document.ts';
import { limits } from './limits.ts';

export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** Members of a document that are kept whole: they are small, or belong to each operation. */
const KEPT = new Set([
  'openapi',
  'swagger',
  'jsonSchemaDialect',
  'info',
  'servers',
  'security',
  'externalDocs',
  'host',
  'basePath',
  'schemes',
  'consumes',
  'produces',
  'securityDefinitions',
]);

/** Members with entries that references name: of the document, or of its `components`. */
const DEFINITIONS = /^#\/(components\/[^/]+|definitions|parameters|responses)\/[^/]+/;

/**
 * A document with the picked operations and everything that they refer to. Parts of the given document are used again, and changed.
 * @throws DocumentFault if it has none of the picked operations
 */
export function pickOperations(root: Node, pick: PickOperations, warn: Context['warn']): Node {
  const paths = pickedPaths(root, new Picker(pick, warn));
  const picked: Node = Object.fromEntries(Object.entries(root).filter(([key]) => KEPT.has(key)));
  picked.paths = paths;
  const components = member(root, 'components');
  const schemes = isNode(components) ? member(components, 'securitySchemes') : undefined;
  if (schemes !== undefined) picked.components = { securitySchemes: schemes };
  new Reach(root, picked).follow();
  return picked;
}

/** Path items that have only the picked operations. */
function pickedPaths(root: Node, picker: Picker): Node {
  const paths = member(root, 'paths');
  const picked: [string, Node][] = [];
  for (const [path, item] of Object.entries(isNode(paths) ? paths : {})) {
    const pathItem = resolve({ root }, item);
    if (!pathItem || path === '__proto__') continue;
    const entries = Object.entries(pathItem).filter(
      ([key, operation]) => !isMethod(key) || (isNode(operation) && picker.takes(key, path, operation)),
    );
    if (entries.some(([key]) => isMethod(key))) picked.push([path, Object.fromEntries(entries)]);
  }
  picker.finish(picked.length > 0);
  return Object.fromEntries(picked);
}

const isMethod = (key: string): boolean => (METHODS as readonly string[]).includes(key);

/** The entries of a pick that match no operation yet, by what they match. */
class Picker {
  readonly #unused = new Map<string, Finding>();
  readonly #operations: ReadonlySet<string>;
  readonly #tags: ReadonlySet<string>;
  readonly #prefixes: readonly string[];

  constructor(
    { operations = [], tags = [], paths = [] }: PickOperations,
    private readonly warn: Context['warn'],
  ) {
    this.#operations = new Set(operations.map(withUpperMethod));
    this.#tags = new Set(tags);
    this.#prefixes = paths;
    const note = (list: string, feature: string) => (entry: string, index: number) =>
      this.#unused.set(`${list} ${withUpperMethod(entry)}`, {
        pointer: `/pick/${list}/${index}`,
        message: `No operation ${feature} ${entry}.`,
      });
    operations.forEach(note('operations', 'is called'));
    tags.forEach(note('tags', 'has the tag'));
    paths.forEach(note('paths', 'has a path that begins with'));
  }

  takes(method: string, path: string, operation: Node): boolean {
    const id = textOf(member(operation, 'operationId'));
    const tags = member(operation, 'tags');
    const matches = [
      ...[id, `${method.toUpperCase()} ${path}`]
        .filter((name) => name !== undefined && this.#operations.has(name))
        .map((name) => `operations ${name}`),
      ...(Array.isArray(tags) ? tags : []).filter((tag) => this.#tags.has(tag)).map((tag) => `tags ${tag}`),
      ...this.#prefixes.filter((prefix) => isBelow(path, prefix)).map((prefix) => `paths ${prefix}`),
    ];
    for (const match of matches) this.#unused.delete(match);
    return matches.length > 0;
  }

  /** @throws DocumentFault if no operation was picked */
  finish(hasOperations: boolean): void {
    const findings = [...this.#unused.values()];
    if (!hasOperations)
      throw new DocumentFault(
        'openapi_invalid',
        'The document has none of the picked operations.',
        findings.slice(0, 20),
      );
    for (const { pointer, message } of findings) this.warn(pointer, message);
  }
}

/** `get /deals` as `GET /deals`; other texts unchanged. */
const withUpperMethod = (text: string): string =>
  text.replace(/^[a-z]+(?= \/)/, (method) => (isMethod(method) ? method.toUpperCase() : method));

const isBelow = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);

/** Copies the targets of references into the picked document. */
class Reach {
  readonly #moved = new Map<string, string>();
  readonly #copied = new Set<string>();
  /** Nodes of YAML may have several parents. */
  readonly #seen = new Set<object>();
  readonly #queue: unknown[];

  constructor(
    private readonly root: Node,
    private readonly picked: Node,
  ) {
    this.#queue = [picked.paths, picked.components, picked.securityDefinitions];
  }

  follow(): void {
    for (let n = 0; n < this.#queue.length; n++) this.#walk(this.#queue[n], 0);
  }

  /** Also finds references in examples, which are data: a copy too many does no harm. */
  #walk(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > limits.depth || this.#seen.has(value)) return;
    this.#seen.add(value);
    if (isNode(value) && typeof value.$ref === 'string') value.$ref = this.#copy(value.$ref);
    for (const item of Object.values(value)) this.#walk(item, depth + 1);
  }

  /** @returns the reference to the copy */
  #copy(ref: string): string {
    const definition = DEFINITIONS.exec(ref)?.[0];
    if (definition === undefined) return this.#move(ref);
    if (!this.#copied.has(definition)) {
      this.#copied.add(definition);
      const target = atPointer(this.root, definition);
      if (target !== undefined) this.#put(definition.slice(2).split('/'), target);
    }
    return ref;
  }

  /** A target elsewhere, such as in another operation, gets a pointer of its own: nothing else of that operation is kept. */
  #move(ref: string): string {
    if (!ref.startsWith('#/')) return ref;
    const existing = this.#moved.get(ref);
    if (existing !== undefined) return existing;
    const target = atPointer(this.root, ref);
    if (target === undefined) return ref;
    const tokens = ['x-picked', String(this.#moved.size), ref.slice(ref.lastIndexOf('/') + 1)];
    const moved = `#/${tokens.join('/')}`;
    // The copy may itself be referred to by its new pointer.
    this.#moved.set(ref, moved).set(moved, moved);
    this.#put(tokens, target);
    return moved;
  }

  /** @param tokens as in the pointer, still escaped */
  #put(tokens: readonly string[], target: unknown): void {
    let node = this.picked;
    for (const token of tokens.slice(0, -1)) node = childNode(node, unescaped(token));
    setMember(node, unescaped(tokens.at(-1)!), target);
    this.#queue.push(target);
  }
}

const unescaped = (token: string): string => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');

/** Sets an own member, also if it is named `__proto__`. */
const setMember = (node: Node, key: string, value: unknown): void =>
  void Object.defineProperty(node, key, { value, writable: true, enumerable: true, configurable: true });

function childNode(node: Node, key: string): Node {
  const existing = member(node, key);
  if (isNode(existing)) return existing;
  const created: Node = {};
  setMember(node, key, created);
  return created;
}
