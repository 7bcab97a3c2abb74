import type { Json } from '@errand/contracts';
import { expressionsOf, fillHoles, type Hole, holeValue } from './template.ts';

/**
 * `message`: the engine's text. `explanation`: the same for people, to follow "because". `refused`: `message` is the text of `$refuse`.
 * `remedy`: JSONata's form for signs of another language.
 */
export type ExpressionFault = {
  message: string;
  position?: number;
  explanation?: string;
  refused?: true;
  remedy?: string;
};
export type Outcome = { ok: true; value: Json; missing: boolean } | ({ ok: false } & ExpressionFault);

/** A hole without a value. `isTextPart`: a part of a `$text` is missing. */
export type MissingValue = { pointer: string; expression: string; isTextPart?: true };
/** The first hole of a template with a failed expression. */
export type HoleFault = { ok: false; pointer: string; expression: string } & ExpressionFault;

/**
 * The values of bindings and texts by their pointers.
 * @param outcomes of the expressions of the holes, in their order
 */
export function collectHoleValues(
  holes: readonly Hole[],
  outcomes: readonly Outcome[],
): { ok: true; values: Map<string, Json>; missing: MissingValue[] } | HoleFault {
  const values = new Map<string, Json>();
  const missing: MissingValue[] = [];
  const outcomeIterator = outcomes.values();
  for (const hole of holes) {
    const { pointer } = hole;
    const parts = expressionsOf(hole).map((expression) => ({ expression, outcome: outcomeIterator.next().value! }));
    for (const { expression, outcome } of parts) if (!outcome.ok) return { ...outcome, pointer, expression };
    const partValues = parts.map(({ outcome }) => (outcome.ok && !outcome.missing ? outcome.value : undefined));
    const value = holeValue(hole, partValues);
    const missingExpression = parts[partValues.findIndex((part) => (part ?? null) === null)]?.expression ?? '';
    if (value !== undefined) values.set(pointer, value);
    else if (hole.kind === 'binding') missing.push({ pointer, expression: hole.text });
    else if (hole.kind === 'text') missing.push({ pointer, expression: missingExpression, isTextPart: true });
  }
  return { ok: true, values, missing };
}

/** A template with the values of its bindings and texts. Members without a value are left out and listed in `missing`. */
export function bindTemplate(
  template: Json,
  holes: readonly Hole[],
  outcomes: readonly Outcome[],
): { ok: true; args: Json; missing: MissingValue[] } | HoleFault {
  const evaluated = collectHoleValues(holes, outcomes);
  if (!evaluated.ok) return evaluated;
  const args = fillHoles(template, ({ pointer }) => evaluated.values.get(pointer)) ?? null;
  return { ok: true, args, missing: evaluated.missing };
}
