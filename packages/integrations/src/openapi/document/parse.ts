import { parseDocument } from 'yaml';
import { parsedJson } from '../../parsed-json.ts';
import { type Context, child, DocumentFault, type Finding, invalid, isNode, type Node } from './document.ts';
import { limits, PICK_REMEDY } from './limits.ts';

/** Parses JSON or YAML. Rejects custom tags, bounds aliases, and treats merge keys as plain keys. */
export function parseText(text: string): Node {
  const trimmed = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  // A flow mapping of YAML begins like JSON.
  const value = (/^\s*[{[]/.test(trimmed) ? parsedJson(trimmed) : undefined) ?? parseYaml(trimmed);
  if (!isNode(value))
    throw invalid('', 'The document is not an object. Use an OpenAPI 3.0 or 3.1 document, or Swagger 2.0.');
  return value;
}

function parseYaml(text: string): unknown {
  let message: string;
  try {
    const document = parseDocument(text, { version: '1.2', merge: false, uniqueKeys: true, logLevel: 'silent' });
    const fault = document.errors[0] ?? document.warnings.find((warning) => warning.code === 'TAG_RESOLVE_FAILED');
    if (!fault) return document.toJS({ maxAliasCount: limits.yamlAliases });
    message = fault.message.split('\n')[0] ?? fault.code;
  } catch (error) {
    message = (error as Error).message;
  }
  throw invalid('', `The document is neither valid JSON nor valid YAML: ${message}`);
}

/** Members that contain data, in which `$ref` is not a reference. */
const dataKeys = new Set(['example', 'examples', 'default', 'enum', 'const']);

/** Rejects a document that is too deep, too large, or refers to other documents. Removes keys named `__proto__`. */
export function inspectDocument(root: Node, warn: Context['warn']): void {
  const inspector = new Inspector(warn);
  inspector.walk(root, '', 0, false);
  if (inspector.external.length === 0) return;
  const text = 'The document refers to other documents. Bundle them into one document.';
  throw new DocumentFault('openapi_invalid', text, inspector.external.slice(0, 20));
}

class Inspector {
  readonly external: Finding[] = [];
  #nodes = 0;

  constructor(private readonly warn: Context['warn']) {}

  /** @param isData whether `$ref` is not a reference here */
  walk(value: unknown, pointer: string, depth: number, isData: boolean): void {
    if (typeof value !== 'object' || value === null) return;
    if (++this.#nodes > limits.nodes)
      throw new DocumentFault('openapi_too_large', 'The document has too many nodes.', [], PICK_REMEDY);
    if (depth > limits.depth) throw invalid(pointer, `The document is nested deeper than ${limits.depth} levels.`);
    if (!isNode(value)) {
      for (const [index, item] of (value as unknown[]).entries())
        this.walk(item, child(pointer, index), depth + 1, isData);
      return;
    }
    this.#inspectNode(value, pointer, isData);
    for (const [key, item] of Object.entries(value)) {
      const isItemData = isData || (dataKeys.has(key) && !pointer.endsWith('/properties'));
      this.walk(item, child(pointer, key), depth + 1, isItemData);
    }
  }

  #inspectNode(node: Node, pointer: string, isData: boolean): void {
    if (Object.hasOwn(node, '__proto__')) {
      Reflect.deleteProperty(node, '__proto__');
      this.warn(child(pointer, '__proto__'), 'A member named __proto__ was left out.');
    }
    const { $ref } = node;
    if (isData || typeof $ref !== 'string' || $ref.startsWith('#')) return;
    this.external.push({ pointer: child(pointer, '$ref'), message: `${$ref.slice(0, 200)} is outside the document.` });
  }
}
