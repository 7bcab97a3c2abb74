// A plan in the making.
import type { Json } from '@errand/contracts';
import type { Filled } from './fill.ts';
import type { Slot } from './inputs.ts';
import type { Operation } from './operation.ts';
import type { Value } from './values.ts';
import { words } from './words.ts';

export type Step = {
  id: string;
  operation: Operation;
  purpose: 'goal' | 'lookup' | 'join' | 'pages';
  args: { slot: Slot; value: Json }[];
  filled: readonly Filled[];
  reason: string;
  forEach?: string;
  when?: string;
};

export type Draft = {
  steps: readonly Step[];
  goal: Step;
  used: ReadonlySet<Value>;
  /** Required slots that nothing fills. */
  missing: readonly Slot[];
  /** Conditions on the rows of the goal that the service cannot check, as JSONata predicates. */
  conditions: readonly string[];
};

/** A short id that tells what the step brings: `accounts`, `deal2`. */
export function stepId(operation: Operation, taken: readonly Step[]): string {
  const said = operation.nouns.length > 0 ? operation.nouns : operation.marks;
  const [first = 'step', ...rest] = said.flatMap(({ text }) => words(text)).slice(0, 3);
  const base = `${first}${rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`
    .replace(/[^a-zA-Z0-9_]/g, '')
    .slice(0, 40);
  const id = /^[a-zA-Z]/.test(base) ? base : `step${base}`;
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? id : `${id}${count}`;
    if (!taken.some((step) => step.id === candidate)) return candidate;
  }
}

/** Slots and values as the nested arguments of a call. */
export function nested(args: readonly { slot: Slot; value: Json }[]): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const { slot, value } of args) {
    let at: Record<string, Json> | Json[] = made;
    for (const [index, part] of slot.at.entries()) {
      const last = index === slot.at.length - 1;
      const key: string | number = Array.isArray(at) ? Number(part) : part;
      const holder = at as Record<string | number, Json>;
      if (last) holder[key] = slot.many ? [value] : value;
      else holder[key] ??= slot.at[index + 1] === '0' ? [] : {};
      if (!last) at = holder[key] as Record<string, Json> | Json[];
    }
  }
  return made;
}
