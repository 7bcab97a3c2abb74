import type { JsonSchema } from '@errand/contracts';

/** Checks after this many are not worth their time; the engine checks everything. */
const MAX_CHECKS = 5000;
const MAX_DEPTH = 32;

/**
 * What is plainly wrong with a value: type, enum, const, required and, one below the other, properties, items and
 * allOf; local `$ref` is followed. All other keywords pass. Gives the first complaint, or undefined.
 */
export function checkValue(value: unknown, schema: JsonSchema): string | undefined {
  let checks = 0;

  const check = (item: unknown, part: unknown, at: string, depth: number): string | undefined => {
    if (typeof part !== 'object' || part === null || depth > MAX_DEPTH || ++checks > MAX_CHECKS) return undefined;
    const rules = part as Record<string, unknown>;
    if (typeof rules.$ref === 'string') return check(item, resolve(schema, rules.$ref), at, depth + 1);
    const types = typeof rules.type === 'string' ? [rules.type] : Array.isArray(rules.type) ? rules.type : undefined;
    if (types && !types.some((type) => isOfType(item, type)) && !(item === null && rules.nullable === true))
      return `${at || 'The value'} must be of type ${types.join(' or ')}.`;
    if (Array.isArray(rules.enum) && !rules.enum.some((allowed) => same(allowed, item)))
      return `${at || 'The value'} must be one of ${JSON.stringify(rules.enum).slice(0, 300)}.`;
    if ('const' in rules && !same(rules.const, item))
      return `${at || 'The value'} must be ${JSON.stringify(rules.const)}.`;
    for (const each of Array.isArray(rules.allOf) ? rules.allOf : []) {
      const complaint = check(item, each, at, depth + 1);
      if (complaint) return complaint;
    }
    if (Array.isArray(item)) {
      if (Array.isArray(rules.items)) return undefined;
      for (const [index, child] of item.entries()) {
        const complaint = check(child, rules.items, `${at}/${index}`, depth + 1);
        if (complaint) return complaint;
      }
    } else if (typeof item === 'object' && item !== null)
      return checkObject(item as Record<string, unknown>, rules, at, depth);
    return undefined;
  };

  const checkObject = (item: Record<string, unknown>, rules: Record<string, unknown>, at: string, depth: number) => {
    for (const name of Array.isArray(rules.required) ? rules.required : [])
      if (typeof name === 'string' && !Object.hasOwn(item, name))
        return `${at || 'The value'} lacks ${JSON.stringify(name)}.`;
    const properties = (typeof rules.properties === 'object' && rules.properties) || {};
    for (const [name, child] of Object.entries(item)) {
      if (Object.hasOwn(properties, name)) {
        const complaint = check(child, (properties as Record<string, unknown>)[name], `${at}/${name}`, depth + 1);
        if (complaint) return complaint;
      } else if (rules.additionalProperties === false && !rules.patternProperties)
        return `${at || 'The value'} must not hold ${JSON.stringify(name)}.`;
    }
    return undefined;
  };

  return check(value, schema, '', 0);
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
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
