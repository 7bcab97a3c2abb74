import type { Json } from '@errand/contracts';
import type { ExpressionFault, Outcome } from '../sandbox/expression.ts';
import { expressionsOf, type Hole, holeValue } from './template.ts';

/** A hole that gets no value. `text`: one in which a part is missing. */
export type Missing = { pointer: string; expression: string; text?: true };
type Values = { ok: true; values: Map<string, Json>; missing: Missing[] };

/**
 * The values of bindings and texts by their pointers.
 * @param outcomes what the expressions of the holes gave, in their order
 * @returns or the first expression that failed
 */
export function valuesOf(
  holes: readonly Hole[],
  outcomes: readonly Outcome[],
): Values | ({ ok: false; pointer: string; expression: string } & ExpressionFault) {
  const values = new Map<string, Json>();
  const missing: Missing[] = [];
  let next = 0;
  for (const hole of holes) {
    const { pointer, kind } = hole;
    const given: (Json | undefined)[] = [];
    const expressions = expressionsOf(hole);
    for (const expression of expressions) {
      const outcome = outcomes[next++]!;
      if (!outcome.ok) return { ...outcome, pointer, expression };
      given.push(outcome.missing ? undefined : outcome.value);
    }
    const value = holeValue(hole, given);
    if (value !== undefined) values.set(pointer, value);
    else if (kind === 'binding') missing.push({ pointer, expression: hole.text });
    else if (kind === 'text') {
      const gap = given.findIndex((one) => (one ?? null) === null);
      missing.push({ pointer, expression: expressions[gap] ?? '', text: true });
    }
  }
  return { ok: true, values, missing };
}
