// The approval rule that "always" makes: a JSON Schema of the arguments that need no approval.
import { isObject, type Json, toPointer } from './form/json.ts';
import type { Schema } from './form/resolve.ts';

/** same: exactly this value. at_most: a number that is not larger. any: any value, or none. */
export type Condition = 'same' | 'at_most' | 'any';
/** A value of the arguments that a rule can fix. */
export type Leaf = { pointer: string; label: string; value: Json };

/** The values of arguments that a rule can fix one by one. */
export const leavesOf = (args: Json, path: readonly string[] = []): Leaf[] =>
  isObject(args) && Object.keys(args).length > 0
    ? Object.entries(args).flatMap(([name, value]) => leavesOf(value, [...path, name]))
    : path.length === 0
      ? []
      : [{ pointer: toPointer(path), label: path.at(-1)!, value: args }];

/** The schema of a rule. A value without a condition must be the same. Further arguments are allowed only where any value is. */
export function ruleSchema(
  args: Json,
  conditions: Readonly<Record<string, Condition>>,
  path: readonly string[] = [],
): Schema {
  if (!isObject(args) || (path.length > 0 && Object.keys(args).length === 0)) {
    const condition = conditions[toPointer(path)] ?? 'same';
    if (condition === 'any') return {};
    return condition === 'at_most' && typeof args === 'number' ? { type: 'number', maximum: args } : { const: args };
  }
  const members = Object.entries(args);
  const fixed = members.filter(([name, value]) => isFixed(value, conditions, [...path, name]));
  return {
    type: 'object',
    properties: Object.fromEntries(
      members.map(([name, value]) => [name, ruleSchema(value, conditions, [...path, name])]),
    ),
    ...(fixed.length > 0 && { required: fixed.map(([name]) => name) }),
    additionalProperties: false,
  };
}

const isFixed = (value: Json, conditions: Readonly<Record<string, Condition>>, path: readonly string[]): boolean =>
  leavesOf(value, path).some(({ pointer }) => (conditions[pointer] ?? 'same') !== 'any');

/** The rule in a sentence. */
export function ruleInWords(
  title: string,
  leaves: readonly Leaf[],
  conditions: Readonly<Record<string, Condition>>,
): string {
  const parts = leaves.flatMap(({ pointer, label, value }) => {
    const condition = conditions[pointer] ?? 'same';
    if (condition === 'any') return [];
    return [`${label} ${condition === 'at_most' ? 'at most' : 'is'} ${shortText(value)}`];
  });
  return parts.length === 0
    ? `“${title}” needs no approval, whatever these arguments are.`
    : `“${title}” needs no approval if ${parts.join(', ')}.`;
}

const MAX_TEXT = 60;

function shortText(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
