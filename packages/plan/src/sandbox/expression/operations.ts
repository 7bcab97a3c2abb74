// Operations of expressions on the values that they read.

/** A path of member names from the scope: `items[0].id` of the step deals is [steps, deals, output, items, id]. */
export type MemberPath = readonly string[];

/**
 * An operation of an expression on a value of a step or of the item. `kind`: `filter`, `index`, `sort`, a function with its dollar sign,
 * `compare`, or `check` for `$count(…)` compared with 0 or 1.
 */
export type Operation = { path: MemberPath; kind: string; sign?: string; value?: Literal };
type Literal = string | number | boolean;

/** Nodes in brackets that select by position. */
const POSITIONS = new Set(['number', 'unary', 'variable']);
const COMPARISONS = new Set<unknown>(['=', '!=', '<', '<=', '>', '>=', 'in']);

export const isComparison = (sign: unknown): sign is string => COMPARISONS.has(sign);

export const isPosition = (node: unknown): boolean => POSITIONS.has(nodeOf(node).type as string);

export const isCount = (node: unknown): boolean =>
  nodeOf(node).type === 'function' && nodeOf(nodeOf(node).procedure).value === 'count';

/** The literals of an operand: a single one, or the items of a list. */
export function literalsOf(operand: unknown): Literal[] {
  const { type, value, expressions } = nodeOf(operand);
  if (type === 'unary' && value === '[') return Array.isArray(expressions) ? expressions.flatMap(literalsOf) : [];
  const isLiteral = type === 'string' || type === 'number' || typeof value === 'boolean';
  return isLiteral ? [value as Literal] : [];
}

const nodeOf = (node: unknown): Record<string, unknown> =>
  typeof node === 'object' && node !== null ? (node as Record<string, unknown>) : {};
