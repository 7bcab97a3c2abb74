// Pieces of JSONata text.
import type { Json } from '@errand/contracts';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** A field name as JSONata writes it. */
const name = (field: string) =>
  PLAIN.test(field) && !RESERVED.has(field) ? field : `\`${field.replaceAll('`', '')}\``;

/** Names joined to a path; nothing for the value itself. */
export const path = (parts: readonly string[]) => parts.map(name).join('.');

/** Where a path starts from: `join('steps.a.output', ['items'])`. */
export const join = (base: string, parts: readonly string[]) => (parts.length === 0 ? base : `${base}.${path(parts)}`);

export const string = (text: string) => JSON.stringify(text);

/** An id as the other side writes ids: some documents have numbers in answers and text in paths. */
export function asType(expression: string, from: string | undefined, to: string): string {
  if (to === 'string' && (from === 'number' || from === 'integer')) return `$string(${expression})`;
  if ((to === 'number' || to === 'integer') && from === 'string') return `$number(${expression})`;
  return expression;
}

/** The output of a step. */
export const output = (stepId: string) => `steps.${stepId}.output`;

/** A binding. */
export const bind = (expression: string): Json => ({ $: expression });
