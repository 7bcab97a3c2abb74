import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';

/** Further checks are not worth their time; the engine checks everything. */
const MAX_CHECKS = 5000;
const MAX_DEPTH = 32;

type Rules = Record<string, unknown>;

/**
 * The first obvious fault of a value, or undefined: type, enum, const, required and, one below the other, properties, items and allOf;
 * local `$ref` is followed. Other keywords pass.
 */
export const checkValue = (value: unknown, schema: JsonSchema): string | undefined =>
  new ValueCheck(schema).check(value, schema, '', 0);

class ValueCheck {
  #checks = 0;

  constructor(private readonly schema: JsonSchema) {}

  check(value: unknown, part: unknown, at: string, depth: number): string | undefined {
    if (typeof part !== 'object' || part === null || depth > MAX_DEPTH || ++this.#checks > MAX_CHECKS) return undefined;
    const rules = part as Rules;
    if (typeof rules.$ref === 'string') return this.check(value, resolve(this.schema, rules.$ref), at, depth + 1);
    return (
      wrongType(value, rules, at) ??
      wrongChoice(value, rules, at) ??
      first(listOf(rules.allOf), (each) => this.check(value, each, at, depth + 1)) ??
      this.#checkWithin(value, rules, at, depth)
    );
  }

  #checkWithin(value: unknown, rules: Rules, at: string, depth: number): string | undefined {
    if (!Array.isArray(value)) return isRecord(value) ? this.#checkObject(value, rules, at, depth) : undefined;
    if (Array.isArray(rules.items)) return undefined;
    return first(value.entries(), ([index, child]) => this.check(child, rules.items, `${at}/${index}`, depth + 1));
  }

  #checkObject(object: Rules, rules: Rules, at: string, depth: number): string | undefined {
    const missing = listOf(rules.required).find((name) => typeof name === 'string' && !Object.hasOwn(object, name));
    if (missing !== undefined) return `${at || 'The value'} lacks ${JSON.stringify(missing)}.`;
    const properties = isRecord(rules.properties) ? rules.properties : {};
    const isClosed = rules.additionalProperties === false && !rules.patternProperties;
    return first(Object.entries(object), ([name, child]) => {
      if (Object.hasOwn(properties, name)) return this.check(child, properties[name], `${at}/${name}`, depth + 1);
      return isClosed ? `${at || 'The value'} must not hold ${JSON.stringify(name)}.` : undefined;
    });
  }
}

function wrongType(value: unknown, { type, nullable }: Rules, at: string): string | undefined {
  const types = typeof type === 'string' ? [type] : Array.isArray(type) ? type : undefined;
  const fits =
    types === undefined || types.some((each) => isOfType(value, each)) || (value === null && nullable === true);
  return fits ? undefined : `${at || 'The value'} must be of type ${types.join(' or ')}.`;
}

function wrongChoice(value: unknown, rules: Rules, at: string): string | undefined {
  if (Array.isArray(rules.enum) && !rules.enum.some((allowed) => same(allowed, value)))
    return `${at || 'The value'} must be one of ${JSON.stringify(rules.enum).slice(0, 300)}.`;
  if ('const' in rules && !same(rules.const, value))
    return `${at || 'The value'} must be ${JSON.stringify(rules.const)}.`;
  return undefined;
}

function first<Item>(items: Iterable<Item>, check: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const complaint = check(item);
    if (complaint) return complaint;
  }
  return undefined;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function resolve(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) return undefined;
  let at = root;
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string, unknown>)[key]
        : undefined;
  }
  return at;
}
